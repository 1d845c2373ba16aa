-- Browsers in which a user need not repeat the second factor for a while. The cookie is the secret;
-- only its hash is here.
create table trusted_devices (
    id text primary key,
    user_id text not null references users (id),
    user_agent text not null,
    created_at bigint not null,
    expires_at bigint not null
);
create index trusted_devices_by_user on trusted_devices (user_id);
create index trusted_devices_by_expiry on trusted_devices (expires_at);
