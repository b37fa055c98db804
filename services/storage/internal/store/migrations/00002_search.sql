-- +goose Up

-- Words without accents, in lower case as far as the database's own collation knows it. Punctuation parts words, so that
-- "ada@example.com" is three; letters with marks are taken apart, and the marks left out.
-- +goose StatementBegin
CREATE FUNCTION storage.fold(t text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
        SELECT lower(regexp_replace(
            regexp_replace(normalize(t, NFKD), '[\u0300-\u036f]+', '', 'g'),
            '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g') COLLATE "default")
    $$;
-- +goose StatementEnd

-- What search looks into. The bound keeps any text below what a tsvector can hold.
-- +goose StatementBegin
CREATE FUNCTION storage.document(t text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT to_tsvector('pg_catalog.simple'::regconfig, storage.fold(left(t, 50000))) $$;
-- +goose StatementEnd

-- Every word of the text must begin a word of the document; null when there is none. What fold leaves has no quotes in it.
-- +goose StatementBegin
CREATE FUNCTION storage.prefixes(t text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT string_agg('''' || w || ''':*', ' & ')::tsquery FROM regexp_split_to_table(storage.fold(t), '\s+') AS w WHERE w <> '' $$;
-- +goose StatementEnd
