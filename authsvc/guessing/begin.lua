-- May a try be judged? Then it is counted as failed; or nothing is counted.
-- KEYS: as in all three (scripts.py), then the windows, the nearest first.
-- ARGV: see the names below; from the 14th on four for each window: most, most while hardened, seconds, reason.
-- Returns allowed (1 or 0), reason, seconds to wait, step, windows taken, hardened (1 or 0), eased just now (1 or 0).
local now = tonumber(ARGV[1])
local origin = ARGV[2]
local is_known = ARGV[3] == '1'
local is_always_seen = ARGV[4] == '1'
local counts_account = ARGV[5] == '1'
local memory = tonumber(ARGV[6])
local strangers, altogether = tonumber(ARGV[7]), tonumber(ARGV[8])
local longest = tonumber(ARGV[9])
local free_origin, free_all = tonumber(ARGV[10]), tonumber(ARGV[11])
local FIRST_WINDOW = 14
-- What a moment may lose on its way here, in seconds; a window's first failure is over after its time, not with it.
local ROUNDING = 0.001

local hardened, eased = 0, 0
local hardened_until = tonumber(redis.call('get', KEYS[1]) or '0')
if hardened_until > now then
    hardened = 1
elseif hardened_until > 0 then
    redis.call('del', KEYS[1])
    eased = 1
end

local windows = (#ARGV - FIRST_WINDOW + 1) / 4
local step = 'stranger'
if is_known then
    step = 'known_device'
elseif is_always_seen or redis.call('exists', KEYS[2]) == 1 then
    step = 'seen_address'
    if hardened == 1 and not is_always_seen then
        local most = tonumber(ARGV[FIRST_WINDOW + 1])
        local found = look({KEYS[4]}, {now - tonumber(ARGV[FIRST_WINDOW + 2]), most})
        if found and found[2] >= most then
            redis.call('del', KEYS[2])
            step = 'stranger'
        end
    end
end
if hardened == 1 and step == 'stranger' then
    free_origin, free_all = tonumber(ARGV[12]), tonumber(ARGV[13])
end

local function refuse(reason, seconds)
    return {0, reason, tostring(seconds), step, 0, hardened, eased}
end
local function due(failures, free, last)
    if failures < free then
        return 0
    end
    return last + math.min(2 ^ math.min(failures - free, 20), longest) - now
end

local forgotten = true
if counts_account then
    local found = redis.call('hmget', KEYS[3], 'n', 's', 'a', 'l', 'o' .. origin .. 'n', 'o' .. origin .. 'l')
    for place = 1, 6 do
        found[place] = tonumber(found[place] or '0')
    end
    local n, s, last, last_stranger, own, last_own = unpack(found)
    forgotten = last + memory <= now
    if not forgotten then
        if n >= altogether or (s >= strangers and not is_known) then
            return refuse('exhausted', last + memory - now)
        end
        local wait = due(own, free_origin, last_own)
        if not is_known then
            wait = math.max(wait, due(s, free_all, last_stranger))
        end
        if wait > ROUNDING then
            return refuse('account', wait)
        end
    end
end

local taken = 0
if not is_known then
    for place = 1, windows do
        local at = FIRST_WINDOW + (place - 1) * 4
        local normal, narrow, seconds = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
        local reason = ARGV[at + 3]
        if step == 'stranger' or reason == 'address' or (is_always_seen and place == 1) then
            local key = KEYS[3 + place]
            local most = normal
            if hardened == 1 and (step == 'stranger' or is_always_seen) then
                most = narrow
            end
            if not acquire({key}, {now, most, seconds, 1}) then
                for back = 1, taken do
                    redis.call('lpop', KEYS[3 + back])
                end
                local found = look({key}, {now - seconds, most})
                local oldest = found and tonumber(found[1]) or now
                return refuse(reason, oldest + seconds - now + 2 * ROUNDING)
            end
            taken = place
        end
    end
end

if counts_account then
    if forgotten then
        redis.call('del', KEYS[3])
        redis.call('hset', KEYS[3], 'f', ARGV[1])
    end
    redis.call('hincrby', KEYS[3], 'n', 1)
    redis.call('hset', KEYS[3], 'a', ARGV[1], 'o' .. origin .. 'l', ARGV[1])
    redis.call('hincrby', KEYS[3], 'o' .. origin .. 'n', 1)
    if not is_known then
        redis.call('hincrby', KEYS[3], 's', 1)
        redis.call('hset', KEYS[3], 'l', ARGV[1])
    end
    redis.call('expire', KEYS[3], math.ceil(memory))
end
return {1, '', '0', step, taken, hardened, eased}
