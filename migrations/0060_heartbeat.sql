-- Every replica writes here now and then, to know that it can: ready says so. The ballast is written
-- and taken away in one transaction; it needs room that a full disk has not.
create table heartbeats (
    name text primary key,
    at bigint not null,
    ballast text not null
);
