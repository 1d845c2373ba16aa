-- Hand-offs that applications dictate: their secrets rest apart, sealed for one instance; and
-- DiscourseConnect requests that wait for their person.
alter table instances add column sealed_settings text;

create table discourse_requests (
    id text primary key,
    browser_hash text not null,
    request text not null,
    expires_at bigint not null,
    consumed_at bigint
);
create index discourse_requests_by_end on discourse_requests (expires_at);
