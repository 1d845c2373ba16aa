-- When a key that somebody else may have was taken out of what we publish.
alter table signing_keys add column withdrawn_at bigint;
