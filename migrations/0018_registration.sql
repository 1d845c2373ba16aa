-- Clients that registered themselves (RFC 7591): rows of `clients` whose owner is 'registration', so
-- that a seed, which replaces its own, leaves them alone.

-- What an admin hands out so that somebody may register: so many clients, until then.
create table registration_tokens (
    id text primary key,
    token_hash text not null unique,
    title text not null,
    uses bigint not null,
    used bigint not null,
    made_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint
);

-- What only a registered client has: the token it is managed with (RFC 7592), the token it came by,
-- and the method it named to prove itself with.
create table registrations (
    client text primary key references clients (id),
    token_hash text not null unique,
    made_by text not null,
    auth_method text not null,
    issued_at bigint not null
);
