-- What a registry with the first tables wrote: two entities, one of them changed.
INSERT INTO catalogue (identity) VALUES ('of-the-first-version');
INSERT INTO entities (id, version, created) VALUES ('Q1', 3, 1000000), ('Q2', 2, 1000000);
INSERT INTO changes VALUES
    (1, 1, 'Q1', 'created', 'active', 'person', '', 'test', 'a', '', '1', 1000000, 1,
     '{"id":"Q1","type":"person","names":[{"text":"Lavrow","script":"Latn","kind":"primary"}],"dataset":"test"}'),
    (2, 2, 'Q2', 'created', 'active', 'city', '', 'test', 'a', '', '1', 1000000, 1,
     '{"id":"Q2","type":"city","names":[{"text":"Cairo","script":"Latn","kind":"primary"}],"dataset":"test"}'),
    (3, 3, 'Q1', 'updated', 'active', 'person', '', 'test', 'a', '', '2', 2000000, 1,
     '{"id":"Q1","type":"person","names":[{"text":"Лавров","script":"Cyrl","kind":"primary"}],"dataset":"test"}');
INSERT INTO names (key, entity_id) VALUES ('лавров', 'Q1'), ('cairo', 'Q2');
