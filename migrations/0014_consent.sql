-- What a client asked for besides scopes and resources: claims one by one (Core 5.5), context
-- (RFC 9396; from redemption on, what was granted), and the key its code is bound to (RFC 9449).
alter table grants add column claims text not null default '{}';
alter table grants add column details text not null default '[]';
alter table grants add column bound_key text;
-- The thumbprint of the key an access token is bound to; none: whoever bears it.
alter table grants add column access_key text;
alter table access_tokens add column bound_key text;

-- What a person has allowed a client to know or do: a JSON list.
create table consents (
    user_id text not null,
    client text not null,
    items text not null,
    given_at bigint not null,
    primary key (user_id, client)
);
