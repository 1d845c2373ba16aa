-- The domain a mail goes to while it waits: one that hangs takes no place from the others.
alter table mails add column party text not null default '';
