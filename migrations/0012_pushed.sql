-- Authorization requests that a client brought itself before its browser comes (RFC 9126).
create table pushed_requests (
    uri_hash text primary key,
    client text not null,
    request text not null,
    expires_at bigint not null,
    consumed_at bigint
);
