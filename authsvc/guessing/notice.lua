-- What became of a try whose device is not known: is it one of many that fail? Stuffing are many failures on one set,
-- for many names, and no fewer than good sign-ins: one storefront that sends a wrong password over and over is not, and
-- neither is a busy evening on which one in five mistypes.
-- KEYS: as in all three (scripts.py), 4 what was tried on the set within the time, 5 by which names it failed.
-- ARGV: 1 now, 2 the name's digest, 3 failed (1 or 0), 4 how many are taken for stuffing, 5 within how many seconds,
-- 6 for how many seconds guessing is hardened then.
-- Returns 1 if it is hardened from now on and was not before, failures, names.
local KEPT = 30 * 86400  -- for whoever comes by and finds that it is over
local attempts = redis.call('hincrby', KEYS[4], 'attempts', 1)
local failures = redis.call('hincrby', KEYS[4], 'failures', ARGV[3])
redis.call('expire', KEYS[4], ARGV[5] * 2)
if ARGV[3] == '1' then
    redis.call('pfadd', KEYS[5], ARGV[2])
    redis.call('expire', KEYS[5], ARGV[5] * 2)
end
local many = tonumber(ARGV[4])
if ARGV[3] == '0' or failures < many or failures * 2 < attempts then
    return {0, failures, 0}
end
local names = redis.call('pfcount', KEYS[5])
if names * 2 < many then
    return {0, failures, names}
end
local was = tonumber(redis.call('get', KEYS[1]) or '0')
local now, seconds = tonumber(ARGV[1]), tonumber(ARGV[6])
redis.call('set', KEYS[1], string.format('%.6f', now + seconds), 'EX', math.ceil(seconds) + KEPT)
return {was > now and 0 or 1, failures, names}
