//! The expression language: one compiled form, evaluated over scalars and over columns.
