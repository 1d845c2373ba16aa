-- Which of our certificates each service provider is known to have: by the word of an admin.
create table confirmed_certificates (
    entity text primary key,
    fingerprint text not null,
    confirmed_at bigint not null
);
