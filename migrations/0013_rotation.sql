-- When a key begins to sign: it is published before, so that everybody has it by then.
alter table signing_keys add column active_from bigint;
update signing_keys set active_from = created_at;
