-- What was counted for a try is taken back: of a good one with all failures of the account, of one that nobody judged
-- alone.
-- KEYS: as in all three (scripts.py), then the windows.
-- ARGV: 1 origin, 2 known (1 or 0), 3 windows taken, 4 seconds a block stays seen, or 0, 5 ordinary failures,
-- 6 seconds of the block's window, 7 now, 8 good (1 or 0).
local is_known = ARGV[2] == '1'
if ARGV[8] == '0' then
    if redis.call('exists', KEYS[3]) == 1 then
        redis.call('hincrby', KEYS[3], 'n', -1)
        redis.call('hincrby', KEYS[3], 'o' .. ARGV[1] .. 'n', -1)
        if not is_known then
            redis.call('hincrby', KEYS[3], 's', -1)
        end
    end
elseif is_known and redis.call('hexists', KEYS[3], 's') == 1 then
    redis.call('hset', KEYS[3], 'n', 0)
    redis.call('hdel', KEYS[3], 'o' .. ARGV[1] .. 'n', 'o' .. ARGV[1] .. 'l')
else
    redis.call('del', KEYS[3])
end
local taken = tonumber(ARGV[3])
for place = 1, taken do
    redis.call('lpop', KEYS[3 + place])
end
if tonumber(ARGV[4]) > 0 then
    local ordinary, now = tonumber(ARGV[5]), tonumber(ARGV[7])
    local found = not is_known and look({KEYS[4]}, {now - tonumber(ARGV[6]), ordinary})
    if tonumber(redis.call('get', KEYS[1]) or '0') > now then
        -- A block that strangers' failures have cost its name does not get it back while they go on.
        redis.call('set', KEYS[2], '1', 'XX', 'EX', ARGV[4])
    elseif not found or found[2] < ordinary then
        redis.call('set', KEYS[2], '1', 'EX', ARGV[4])
    end
end
return 1
