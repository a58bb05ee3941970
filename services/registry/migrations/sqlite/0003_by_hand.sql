-- What a person entered before there was `held` is held too, as if it were entered now. An import
-- always names a dataset: an entity that began without one was entered by hand, and what it said
-- while it still had none is the word of a person. The bits are those of `held`; here `|` and `<<`
-- bind equally, so each has its brackets.

UPDATE changes SET held = held
    | (1 << 16) -- that it is there
    | 1 -- type
    | ((coalesce(json_array_length(body, '$.names'), 0) > 0) << 1)
    | ((coalesce(json_array_length(body, '$.external_ids'), 0) > 0) << 2)
    | ((coalesce(json_extract(body, '$.country'), '') <> '') << 3)
    | ((json_extract(body, '$.birth_date') IS NOT NULL) << 4)
    | ((json_extract(body, '$.founding_date') IS NOT NULL) << 5)
    | ((json_extract(body, '$.gender') IS NOT NULL) << 6)
    | ((coalesce(json_extract(body, '$.description'), '') <> '') << 7)
    | ((json_type(body, '$.attributes') IS NOT NULL) << 9)
    | ((coalesce(json_extract(body, '$.prominence'), 0) <> 0) << 10)
WHERE dataset = '' AND (held & (1 << 16)) = 0
    AND (SELECT began.dataset FROM changes began WHERE began.version = changes.entity) = '';
