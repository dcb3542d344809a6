-- A person's ids are found by the person when it is erased; without this every id would be read.
CREATE INDEX id_mappings_by_subject ON id_mappings (subject);
