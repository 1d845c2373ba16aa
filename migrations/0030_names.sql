-- Names that applications are told: one user's each, and never another's. `folded` is the form by
-- which two names are the same, `login` and `provider` say where the name comes from. Users of
-- before get theirs when the portal or `usher migrate` starts: the default provider's first, then
-- by the order in which they came.
alter table users add column username text;

create table usernames (
    folded text primary key,
    username text not null,
    login text not null,
    provider text,
    user_id text not null references users (id),
    taken_at bigint not null
);
create index usernames_by_user on usernames (user_id);

-- Providers of before, whose groups and mail addresses were taken as the portal's own: so they are
-- until the catalogue says otherwise (`trusted_groups`, `scopes`), and no user loses access.
create table kept_providers (
    slug text primary key
);
insert into kept_providers (slug) select slug from identity_providers;
