//! T-SQL's `TRY_CAST`: PostgreSQL has no conversion that gives NULL where it fails.

use crate::connections::dialect::Statement;

/// Makes the function, which lives and dies with the session. An empty text is 0.
pub(super) const TRY_CAST: &str = "CREATE OR REPLACE FUNCTION pg_temp.scaleout_try_cast(given text, kind anyelement) \
    RETURNS anyelement LANGUAGE plpgsql AS $body$ \
    DECLARE made kind%TYPE; \
    BEGIN \
    IF btrim(given) = '' AND pg_typeof(kind) IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype) \
    THEN given := '0'; END IF; \
    EXECUTE format('SELECT CAST(%L AS %s)', btrim(given), pg_typeof(kind)) INTO made; \
    RETURN made; \
    EXCEPTION WHEN data_exception OR syntax_error OR invalid_text_representation OR numeric_value_out_of_range THEN RETURN NULL; \
    END $body$";

/// Whether one of the statements needs it.
pub(super) fn tries_casts(statement: &Statement) -> bool {
    let branches = statement.branches.as_deref();
    let mut inner = branches
        .into_iter()
        .flat_map(|branches| branches.then.iter().chain(&branches.otherwise));
    statement.sql.contains("scaleout_try_cast") || inner.any(tries_casts)
}
