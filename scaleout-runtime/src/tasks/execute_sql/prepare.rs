//! From the text of the task to what runs: batches with their inputs, and the way back for outputs.

use super::call::{Call, Stands};
use super::settings::{Direction, ParameterBinding, ResultType, Settings};
use super::style::Style;
use crate::connections::Dialect;
use crate::connections::dialect::{count_marks, name_marks, replace_marks, split_batches};
use crate::connections::sql_server::parameter_type;
use crate::value::DataType;

/// The table that takes the outputs of a call over to the next statement of the session.
const TABLE: &str = "#so_outputs";

/// What runs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Prepared {
    pub(super) steps: Vec<Step>,
    pub(super) outputs: Option<Outputs>,
}

/// One batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) sql: String,
    pub(super) times: u32,
    /// The bindings whose values its `?` take, in order.
    pub(super) inputs: Vec<usize>,
}

/// How what comes out is found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outputs {
    /// The bindings that take the columns, in order.
    pub(super) bindings: Vec<usize>,
    pub(super) way: Way,
}

/// Where the outputs stand after the step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// In a table that is made before the step and read after it.
    Table {
        create: String,
        read: String,
        remove: String,
    },
    /// In the one row that the step itself gives.
    Row,
}

/// Prepares the text. `types` are those of the bindings' values.
pub(super) fn prepare(
    sql: &str,
    settings: &Settings,
    style: Style,
    dialect: Dialect,
    types: &[DataType],
) -> Result<Prepared, String> {
    let bindings = settings.parameters.as_slice();
    let order = by_number(bindings);
    let job = Job {
        bindings,
        style,
        types,
        order: &order,
    };
    let has_outputs = bindings.iter().any(is_output);
    if dialect == Dialect::Sqlite && (has_outputs || settings.is_procedure) {
        return Err(nothing_comes_out());
    }
    let call = settings
        .is_procedure
        .then(|| procedure(sql, bindings))
        .flatten();
    let sql = call.as_deref().unwrap_or(sql);
    if dialect == Dialect::Postgres
        && let Some(call) = Call::parse(sql)
    {
        return job.postgres_call(&call, settings.result_type);
    }
    if has_outputs && dialect != Dialect::SqlServer {
        return Err(
            "output parameters need a statement that is one call, such as `EXEC p ?, ? OUTPUT`"
                .to_owned(),
        );
    }
    let batches = split_batches(sql);
    if has_outputs && batches.len() != 1 {
        return Err("output parameters need a statement of one batch, without `GO`".to_owned());
    }
    // Numbers count over all batches; names count in each.
    let mut next = 0;
    let mut steps = Vec::with_capacity(batches.len());
    for batch in &batches {
        let (sql, inputs) = match dialect {
            Dialect::SqlServer => job.sql_server(batch.sql, batches.len(), &mut next),
            _ => job.elsewhere(batch.sql, batches.len(), &mut next),
        };
        steps.push(Step {
            sql,
            times: batch.times,
            inputs,
        });
    }
    let outputs = has_outputs.then(|| job.outputs());
    Ok(Prepared { steps, outputs })
}

/// Why a task with outputs or a procedure does not run on SQLite.
pub(super) fn nothing_comes_out() -> String {
    "SQLite has neither stored procedures nor output parameters; let the statement return a row, \
     and bind its columns as results"
        .to_owned()
}

fn is_output(binding: &ParameterBinding) -> bool {
    binding.direction != Direction::Input
}

/// With `IsStoredProcedure` the statement is only a name.
fn procedure(sql: &str, bindings: &[ParameterBinding]) -> Option<String> {
    let name = sql.trim().trim_end_matches(';');
    if Call::parse(name).is_some() || name.contains(char::is_whitespace) && !name.contains('[') {
        return None;
    }
    let mark = |binding: &ParameterBinding| match binding.name.starts_with('@') {
        true => binding.name.clone(),
        false => "?".to_owned(),
    };
    let returned = bindings
        .iter()
        .find(|binding| binding.direction == Direction::ReturnValue);
    let returned = returned.map(|binding| format!("{} = ", mark(binding)));
    let arguments = bindings
        .iter()
        .filter(|binding| binding.direction != Direction::ReturnValue)
        .map(|binding| {
            let value = mark(binding);
            let value = match binding.name.starts_with('@') {
                true => format!("{value} = {value}"),
                false => value,
            };
            match is_output(binding) {
                true => format!("{value} OUTPUT"),
                false => value,
            }
        });
    let arguments: Vec<String> = arguments.collect();
    let returned = returned.unwrap_or_default();
    let call = format!("EXEC {returned}{name} {}", arguments.join(", "));
    Some(call.trim_end().to_owned())
}

/// The bindings in the order of `0`, `1`, … of OLE DB, `1`, `2`, … of ODBC, `Param1`, … of ADO.
/// What has no number keeps the order of the file, behind those that have one.
fn by_number(bindings: &[ParameterBinding]) -> Vec<usize> {
    let number = |at: &usize| {
        let name = &bindings[*at].name;
        let digits = name.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        digits.parse().unwrap_or(u32::MAX)
    };
    let mut order: Vec<usize> = (0..bindings.len()).collect();
    order.sort_by_key(number);
    order
}

struct Job<'j> {
    bindings: &'j [ParameterBinding],
    style: Style,
    types: &'j [DataType],
    order: &'j [usize],
}

impl Job<'_> {
    /// Named parameters become variables of the batch, so that every place of a name is as it
    /// was: `EXEC p @a = @a`. Marks stay, but those of outputs become variables.
    fn sql_server(&self, sql: &str, batches: usize, next: &mut usize) -> (String, Vec<usize>) {
        let used = self.named(sql);
        if !used.is_empty() {
            let declared = used.iter().map(|at| match is_output(&self.bindings[*at]) {
                true => format!("{} {}", self.variable(*at), self.declared(*at)),
                false => format!("{} {} = ?", self.variable(*at), self.declared(*at)),
            });
            let declared: Vec<String> = declared.collect();
            let inputs = used.iter().filter(|at| !is_output(&self.bindings[**at]));
            let inputs = inputs.copied().collect();
            let sql = format!("DECLARE {};\n{sql}", declared.join(", "));
            return (self.with_insert(sql), inputs);
        }
        let own = self.numbered(sql, batches, next);
        if !own.iter().any(|at| is_output(&self.bindings[*at])) {
            return (sql.to_owned(), own);
        }
        let replaced = replace_marks(sql, |at| {
            let binding = *own.get(at)?;
            is_output(&self.bindings[binding]).then(|| self.variable(binding))
        });
        let outputs = own.iter().filter(|at| is_output(&self.bindings[**at]));
        let declared = outputs.map(|at| format!("{} {}", self.variable(*at), self.declared(*at)));
        let declared: Vec<String> = declared.collect();
        let inputs = own.iter().filter(|at| !is_output(&self.bindings[**at]));
        let sql = format!("DECLARE {};\n{replaced}", declared.join(", "));
        (self.with_insert(sql), inputs.copied().collect())
    }

    /// Where names are no variables they become marks.
    fn elsewhere(&self, sql: &str, batches: usize, next: &mut usize) -> (String, Vec<usize>) {
        let names = self.bindings.iter().map(|binding| binding.name.clone());
        let (marked, order) = name_marks(sql, &names.collect::<Vec<_>>());
        match order.is_empty() {
            true => (sql.to_owned(), self.numbered(sql, batches, next)),
            false => (marked, order),
        }
    }

    /// The bindings whose names stand in the text.
    fn named(&self, sql: &str) -> Vec<usize> {
        let names = self.bindings.iter().map(|binding| binding.name.clone());
        let (_, mut used) = name_marks(sql, &names.collect::<Vec<_>>());
        used.sort_unstable();
        used.dedup();
        used
    }

    /// The bindings of the next marks. A single batch takes all: the server says what is wrong
    /// when there are more of them than marks.
    fn numbered(&self, sql: &str, batches: usize, next: &mut usize) -> Vec<usize> {
        let from = (*next).min(self.order.len());
        let to = match batches {
            1 => self.order.len(),
            _ => (from + count_marks(sql)).min(self.order.len()),
        };
        *next = to;
        self.order[from..to].to_vec()
    }

    fn postgres_call(&self, call: &Call, results: ResultType) -> Result<Prepared, String> {
        let found = |mark: &str, at: usize| match mark {
            "?" => self.order.get(at).copied(),
            name => self
                .bindings
                .iter()
                .position(|binding| same(&binding.name, name)),
        };
        let gives_rows = results != ResultType::None;
        let (sql, inputs) = call.without_outputs(gives_rows, |mark, at| {
            let binding = found(mark, at)?;
            Some(match is_output(&self.bindings[binding]) {
                true => Stands::Output,
                false => Stands::Input(binding),
            })
        })?;
        let returned = call.returns.as_deref().and_then(|mark| found(mark, 0));
        let outputs = match (gives_rows, returned) {
            (true, Some(_)) => {
                return Err(
                    "a function of PostgreSQL gives a return value or rows, not both".to_owned(),
                );
            }
            (true, None) => Vec::new(),
            (false, Some(binding)) => vec![binding],
            (false, None) => {
                let outputs = self.order.iter().copied();
                outputs
                    .filter(|at| is_output(&self.bindings[*at]))
                    .collect()
            }
        };
        let outputs = (!outputs.is_empty()).then_some(Outputs {
            bindings: outputs,
            way: Way::Row,
        });
        let (times, steps) = (1, Vec::new());
        let mut prepared = Prepared { steps, outputs };
        prepared.steps.push(Step { sql, times, inputs });
        Ok(prepared)
    }

    fn outputs(&self) -> Outputs {
        let bindings = self.output_bindings();
        let columns = bindings.iter().enumerate();
        let columns =
            columns.map(|(at, binding)| format!("o{at} {} NULL", self.declared(*binding)));
        let columns: Vec<String> = columns.collect();
        let remove = format!("IF OBJECT_ID(N'tempdb..{TABLE}') IS NOT NULL DROP TABLE {TABLE}");
        let create = format!("{remove};\nCREATE TABLE {TABLE} ({})", columns.join(", "));
        let way = Way::Table {
            create,
            read: format!("SELECT * FROM {TABLE}"),
            remove,
        };
        Outputs { bindings, way }
    }

    fn output_bindings(&self) -> Vec<usize> {
        let order = self.order.iter().copied();
        order.filter(|at| is_output(&self.bindings[*at])).collect()
    }

    fn with_insert(&self, sql: String) -> String {
        let values = self.output_bindings();
        if values.is_empty() {
            return sql;
        }
        let values: Vec<String> = values.iter().map(|at| self.variable(*at)).collect();
        format!(
            "{sql}\n;\nINSERT INTO {TABLE} VALUES ({})",
            values.join(", ")
        )
    }

    fn variable(&self, binding: usize) -> String {
        let name = &self.bindings[binding].name;
        let is_name = name
            .trim_start_matches('@')
            .starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
        match (name.starts_with('@'), is_name) {
            (true, _) => name.clone(),
            (false, true) => format!("@{name}"),
            (false, false) => format!("@so{binding}"),
        }
    }

    /// The type of a binding's variable: what the task says, else that of the package's variable.
    fn declared(&self, at: usize) -> String {
        let binding = &self.bindings[at];
        let number = binding.data_type;
        let said = number.and_then(|number| self.style.data_type(number, binding.size));
        parameter_type(match is_output(binding) {
            true => said.unwrap_or(self.types[at]),
            false => self.types[at],
        })
    }
}

fn same(name: &str, mark: &str) -> bool {
    let (name, mark) = (name.trim_start_matches('@'), mark.trim_start_matches('@'));
    name.eq_ignore_ascii_case(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: DataType = DataType::Wstr { length: 0 };

    fn binding(name: &str, direction: Direction, data_type: i32) -> ParameterBinding {
        ParameterBinding {
            name: name.to_owned(),
            variable: format!("User::{name}"),
            direction,
            data_type: Some(data_type),
            size: Some(50),
        }
    }

    fn settings(parameters: Vec<ParameterBinding>, is_procedure: bool) -> Settings {
        let mut settings = Settings::read(&Default::default()).unwrap();
        settings.parameters = parameters;
        settings.is_procedure = is_procedure;
        settings
    }

    fn prepared(
        sql: &str,
        settings: &Settings,
        style: Style,
        dialect: Dialect,
    ) -> Result<Prepared, String> {
        let types = vec![TEXT; settings.parameters.len()];
        prepare(sql, settings, style, dialect, &types)
    }

    #[test]
    fn marks_of_outputs_become_variables_that_a_table_takes_over() {
        let of = settings(
            vec![
                binding("2", Direction::Output, 130),
                binding("0", Direction::ReturnValue, 3),
                binding("1", Direction::Input, 130),
            ],
            false,
        );
        let found = prepared(
            "EXEC ? = p ?, ? OUTPUT -- x",
            &of,
            Style::OleDb,
            Dialect::SqlServer,
        );
        let found = found.unwrap();
        assert_eq!(
            found.steps,
            [Step {
                sql: "DECLARE @so1 int, @so0 nvarchar(50);\nEXEC @so1 = p ?, @so0 OUTPUT -- x\n;\n\
                      INSERT INTO #so_outputs VALUES (@so1, @so0)"
                    .to_owned(),
                times: 1,
                inputs: vec![2],
            }]
        );
        let outputs = found.outputs.unwrap();
        assert_eq!(outputs.bindings, [1, 0]);
        let Way::Table { create, .. } = outputs.way else {
            panic!("a table is expected")
        };
        let columns = "CREATE TABLE #so_outputs (o0 int NULL, o1 nvarchar(50) NULL)";
        assert!(create.ends_with(columns), "{create}");
    }

    #[test]
    fn names_are_variables_of_each_batch_on_sql_server() {
        let of = settings(
            vec![
                binding("@a", Direction::Input, 16),
                binding("b", Direction::Input, 16),
            ],
            false,
        );
        let sql = "EXEC p @a = @a\nGO\nSELECT @b, @a";
        let found = prepared(sql, &of, Style::AdoNet, Dialect::SqlServer).unwrap();
        let steps = found.steps.iter();
        let steps: Vec<_> = steps
            .map(|step| (step.sql.trim(), &step.inputs[..]))
            .collect();
        assert_eq!(
            steps,
            [
                ("DECLARE @a nvarchar(max) = ?;\nEXEC p @a = @a", &[0][..]),
                (
                    "DECLARE @a nvarchar(max) = ?, @b nvarchar(max) = ?;\nSELECT @b, @a",
                    &[0, 1][..]
                ),
            ]
        );
    }

    #[test]
    fn a_procedure_that_is_only_named_is_called() {
        let named = settings(
            vec![
                binding("@r", Direction::ReturnValue, 11),
                binding("@a", Direction::Input, 16),
                binding("@o", Direction::Output, 11),
            ],
            true,
        );
        let found = prepared("dbo.p", &named, Style::AdoNet, Dialect::SqlServer).unwrap();
        assert_eq!(
            found.steps[0].sql,
            "DECLARE @r int, @a nvarchar(max) = ?, @o int;\n\
             EXEC @r = dbo.p @a = @a, @o = @o OUTPUT\n;\n\
             INSERT INTO #so_outputs VALUES (@r, @o)"
        );
        let plain = settings(Vec::new(), true);
        let found = prepared("[dbo].[Load It]", &plain, Style::OleDb, Dialect::SqlServer);
        assert_eq!(found.unwrap().steps[0].sql, "EXEC [dbo].[Load It]");
    }

    #[test]
    fn marks_count_over_all_batches() {
        let of = settings(
            vec![
                binding("1", Direction::Input, 3),
                binding("0", Direction::Input, 3),
                binding("2", Direction::Input, 3),
            ],
            false,
        );
        let sql = "SELECT ?, '?'\nGO\nSELECT 1\nGO 2\nSELECT ?, ?";
        for dialect in [Dialect::SqlServer, Dialect::Postgres, Dialect::Sqlite] {
            let found = prepared(sql, &of, Style::OleDb, dialect).unwrap();
            let steps = found.steps.iter();
            let steps: Vec<_> = steps.map(|step| (step.times, &step.inputs[..])).collect();
            assert_eq!(steps, [(1, &[1][..]), (2, &[]), (1, &[0, 2])]);
        }
    }

    #[test]
    fn what_has_no_outputs_says_so() {
        let of = settings(vec![binding("0", Direction::Output, 3)], false);
        for (sql, dialect, part) in [
            ("EXEC p ? OUTPUT", Dialect::Sqlite, "SQLite has neither"),
            ("SELECT ?", Dialect::Postgres, "one call"),
            (
                "EXEC p ? OUTPUT\nGO\nEXEC q",
                Dialect::SqlServer,
                "one batch",
            ),
        ] {
            let refused = prepared(sql, &of, Style::OleDb, dialect).unwrap_err();
            assert!(refused.contains(part), "{refused}");
        }
    }
}
