//! What each kind of check asks of its table.

use concord_standards::rules::{Check, RuleDefinition, Seat};
use datafusion_expr::Expr;

use super::{Asked, Half, Placed, Work};
use crate::error::Problem;
use crate::functions::{IN_REFERENCE, ON_CODE_LIST};
use crate::given::ReferenceTable;
use crate::native::{CrossCheck, Look};
use crate::query::ANY_NAME;
use crate::row_index::{BETWEEN, name_of};
use crate::ruleset::Aim;
use crate::shape::Kind;
use crate::sql::quoted;
use crate::tables::{Cell, RECORD, SUBMISSION, nearest};

/// Shortest text that can hide an NHS number.
const LEAST_HIDING: u64 = 10;

impl Work<'_, '_> {
    pub(super) fn check(
        &mut self,
        definition: &RuleDefinition,
        table: usize,
    ) -> Result<Half, Placed> {
        Ok(match &definition.check {
            Check::Sql(sql) => {
                let expression = self.condition(sql, table)?;
                let output = self.sql.output(table, expression);
                Half::of(Asked::Conditions(vec![output]), None)
            }
            Check::Equal { left, right } => {
                let (left, right) = (self.named(left, table)?, self.named(right, table)?);
                let mut half = Half::of(Asked::Equal(left, right), Some(left));
                half.aims[0].expected = Some(right);
                half
            }
            Check::RecordCount { element } => {
                let cell = self.named(element, SUBMISSION)?;
                cross(CrossCheck::RecordCount { cell }, cell)
            }
            Check::Sequence { element, greatest } => {
                if table != SUBMISSION && table != RECORD {
                    return Err(record_only());
                }
                let cell = self.named(element, RECORD)?;
                let greatest = *greatest;
                if cell.table != RECORD {
                    return Err(record_only());
                }
                cross(CrossCheck::Sequence { cell, greatest }, cell)
            }
            Check::Unique {
                elements,
                when,
                keep,
            } => {
                let of = self.look(elements, when.as_ref(), table)?;
                let cell = of.cells.first().copied();
                let keep = *keep;
                Half::of(Asked::Cross(CrossCheck::Unique { of, keep }), cell)
            }
            Check::Consistent { element, per } => {
                let of = self.look(per, None, table)?;
                let cell = self.named(element, of.table)?;
                cross(CrossCheck::Consistent { of, cell }, cell)
            }
            Check::SubmissionSequence {
                element,
                per,
                greatest,
            } => {
                let cell = self.named(element, SUBMISSION)?;
                let per = self.all_named(per, SUBMISSION)?;
                let greatest = *greatest;
                let check = CrossCheck::SubmissionSequence {
                    cell,
                    per,
                    greatest,
                };
                cross(check, cell)
            }
            Check::Leak { of, into } => {
                let (table, sought) = self.leak(of, into)?;
                Half::of(Asked::Leak(sought), Some(Cell { table, column: 0 }))
            }
            Check::Required { columns, when } => {
                self.filled(columns, when.as_ref(), true, table)?
            }
            Check::Blank { columns, when } => self.filled(columns, when.as_ref(), false, table)?,
            Check::OneOf { columns, when } => {
                let cells = self.all_named(columns, table)?;
                let filled = cells.iter().map(|&cell| {
                    let name = self.sql.presence(table, cell, true);
                    quoted(&name)
                });
                let filled = filled.collect::<Vec<_>>().join(" OR ");
                let output = self.conditional(when.as_ref(), &filled, table)?;
                Half::of(Asked::Conditions(vec![output]), cells.first().copied())
            }
            Check::Order { elements } => self.order(elements, table)?,
            Check::Window { element, from, to } => {
                self.window(element, from.as_ref(), to.as_ref(), table)?
            }
            Check::Code {
                element,
                list,
                as_at,
                when,
            } => {
                self.sql
                    .environment
                    .known_list(ON_CODE_LIST, list)
                    .map_err(|problem| (problem, list.clone(), true))?;
                let mut half = self.looked_up(
                    ON_CODE_LIST,
                    std::slice::from_ref(element),
                    list,
                    as_at.as_ref(),
                    when.as_ref(),
                    table,
                )?;
                half.fixed.push(("list", list.clone()));
                half
            }
            Check::Exists {
                elements,
                table: within,
                columns,
                as_at,
                when,
            } => {
                let mut half = self.exists(
                    elements,
                    within,
                    columns,
                    as_at.as_ref(),
                    when.as_ref(),
                    table,
                )?;
                half.fixed.push(("table", within.clone()));
                half
            }
            Check::Query(sql) if definition.at == Seat::Set => {
                let names = self
                    .queries
                    .add_spanning(sql, &mut self.sql)
                    .map_err(|problem| (problem, sql.clone(), true))?;
                let mut half = Half::of(Asked::Spanning(sql.clone()), None);
                half.names = names;
                half
            }
            Check::Query(sql) => {
                let names = self
                    .queries
                    .add(sql, &mut self.sql)
                    .map_err(|problem| (problem, sql.clone(), true))?;
                let mut half = Half::of(Asked::Query(sql.clone()), None);
                half.names = names;
                half
            }
            // The checker raises what columns say of themselves and what its reader finds; runs reconcile data sets.
            Check::Field(_) | Check::Reconcile { .. } | Check::Carrier(_) => {
                let mut half = Half::of(Asked::Nothing, None);
                half.names.push(ANY_NAME.to_owned());
                half
            }
        })
    }

    fn condition(&mut self, sql: &str, table: usize) -> Result<Expr, Placed> {
        self.sql
            .condition(sql, table)
            .map_err(|problem| (problem, sql.to_owned(), true))
    }

    fn named(&mut self, text: &str, table: usize) -> Result<Cell, Placed> {
        self.sql
            .tables
            .resolve(text, table)
            .map_err(|problem| (problem, text.to_owned(), true))
    }

    fn all_named(&mut self, texts: &[String], table: usize) -> Result<Vec<Cell>, Placed> {
        texts.iter().map(|text| self.named(text, table)).collect()
    }

    /// The output of a condition of our own making, for the rows of which `when` is true.
    fn conditional(
        &mut self,
        when: Option<&String>,
        body: &str,
        table: usize,
    ) -> Result<usize, Placed> {
        let body = self
            .sql
            .planned(body, table)
            .map_err(|problem| (problem, String::new(), false))?;
        let condition = match when {
            Some(when) => Expr::IsNotTrue(Box::new(self.condition(when, table)?)).or(body),
            None => body,
        };
        Ok(self.sql.output(table, condition))
    }

    /// Each element has a text, or none has.
    fn filled(
        &mut self,
        columns: &[String],
        when: Option<&String>,
        present: bool,
        table: usize,
    ) -> Result<Half, Placed> {
        let mut half = Half::of(Asked::Nothing, None);
        half.aims.clear();
        let mut outputs = Vec::new();
        for cell in self.all_named(columns, table)? {
            let name = quoted(&self.sql.presence(table, cell, present));
            outputs.push(self.conditional(when, &name, table)?);
            half.aims.push(Aim {
                place: Some(cell),
                expected: None,
            });
        }
        half.asked = Asked::Conditions(outputs);
        Ok(half)
    }

    /// SQL for the day of an element.
    fn day(&mut self, text: &str, table: usize) -> Result<(String, Cell), Placed> {
        let cell = self.named(text, table)?;
        let name = quoted(&self.sql.cell(table, cell));
        match self.kind(cell) {
            Kind::Date | Kind::Day(_) => Ok((name, cell)),
            Kind::Text if self.may_be_moment(cell) => Ok((format!("date_of({name})"), cell)),
            Kind::Text | Kind::Integer | Kind::Decimal | Kind::Boolean => {
                let problem = Problem::new(format!("`{text}` holds no date"));
                Err((problem, text.to_owned(), true))
            }
        }
    }

    fn kind(&self, cell: Cell) -> Kind {
        self.sql.tables.tables[cell.table].columns[cell.column].kind
    }

    fn may_be_moment(&self, cell: Cell) -> bool {
        let tables = &self.sql.tables;
        let mut places = tables.tables[cell.table].columns[cell.column].places.iter();
        places.any(|place| tables.shape.may_be_moment(*place))
    }

    fn order(&mut self, elements: &[String], table: usize) -> Result<Half, Placed> {
        let mut half = Half::of(Asked::Nothing, None);
        half.aims.clear();
        let mut outputs = Vec::new();
        for pair in elements.windows(2) {
            let ((mut one, from), (mut other, to)) =
                (self.day(&pair[0], table)?, self.day(&pair[1], table)?);
            // Two moments of one day have an order too.
            if self.kind(from) == Kind::Text && self.kind(to) == Kind::Text {
                one = one.replacen("date_of", "moment", 1);
                other = other.replacen("date_of", "moment", 1);
            }
            outputs.push(self.conditional(None, &format!("{one} <= {other}"), table)?);
            half.aims.push(Aim {
                place: Some(to),
                expected: Some(from),
            });
        }
        half.asked = Asked::Conditions(outputs);
        Ok(half)
    }

    fn window(
        &mut self,
        element: &str,
        from: Option<&String>,
        to: Option<&String>,
        table: usize,
    ) -> Result<Half, Placed> {
        let (_, cell) = self.day(element, table)?;
        let day = match self.kind(cell) {
            Kind::Text => format!("date_of({})", quoted(element)),
            _ => quoted(element),
        };
        let mut half = Half::of(Asked::Nothing, Some(cell));
        half.aims.clear();
        let mut outputs = Vec::new();
        for (limit, operator) in [(from, ">="), (to, "<=")] {
            let Some(limit) = limit else {
                continue;
            };
            self.sql
                .value(limit, table)
                .map_err(|problem| (problem, limit.clone(), true))?;
            let sql = format!("{day} {operator} ({limit})");
            let condition = self.sql.condition(&sql, table).map_err(|mut problem| {
                problem.span = Some((0, limit.len()));
                (problem, limit.clone(), true)
            })?;
            outputs.push(self.sql.output(table, condition));
            half.aims.push(Aim {
                place: Some(cell),
                expected: None,
            });
        }
        half.asked = Asked::Conditions(outputs);
        Ok(half)
    }

    /// Values that a function finds in a list.
    fn looked_up(
        &mut self,
        function: &str,
        elements: &[String],
        list: &str,
        as_at: Option<&String>,
        when: Option<&String>,
        table: usize,
    ) -> Result<Half, Placed> {
        let cells = self.all_named(elements, table)?;
        let values = cells.iter().map(|&cell| {
            let text = self.sql.tables.as_text(cell);
            quoted(&self.sql.cell(table, text))
        });
        // Where one of them is absent, so are all.
        let between = format!(" || '{BETWEEN}' || ");
        let value = values.collect::<Vec<_>>().join(&between);
        let list = list.replace('\'', "''");
        let call = match as_at {
            Some(date) => {
                let (day, _) = self.day(date, table)?;
                format!("{function}({value}, '{list}', {day})")
            }
            None => format!("{function}({value}, '{list}')"),
        };
        let output = self.conditional(when, &call, table)?;
        Ok(Half::of(
            Asked::Conditions(vec![output]),
            cells.first().copied(),
        ))
    }

    /// The rows of a table that a rule across records looks at.
    fn look(
        &mut self,
        elements: &[String],
        when: Option<&String>,
        table: usize,
    ) -> Result<Look, Placed> {
        let table = if table == SUBMISSION { RECORD } else { table };
        if !self.sql.tables.holds_records(table) {
            return Err(record_only());
        }
        let cells = self.all_named(elements, table)?;
        for (cell, text) in cells.iter().zip(elements) {
            if cell.table == SUBMISSION {
                let problem = Problem::new(format!("`{text}` stands outside the records"));
                return Err((problem, text.clone(), true));
            }
        }
        let when = match when {
            Some(when) => {
                let condition = self.condition(when, table)?;
                Some(self.sql.output(table, condition))
            }
            None => None,
        };
        Ok(Look { table, cells, when })
    }

    fn exists(
        &mut self,
        elements: &[String],
        within: &str,
        columns: &[String],
        as_at: Option<&String>,
        when: Option<&String>,
        table: usize,
    ) -> Result<Half, Placed> {
        let wrong = |message: &str| (Problem::new(message), within.to_owned(), true);
        if elements.len() != columns.len() || elements.is_empty() {
            return Err(wrong(
                "there are as many `columns` as `elements`, at least one",
            ));
        }
        if self.tabular && self.sql.tables.is_record(within) {
            if as_at.is_some() {
                return Err(wrong(
                    "a table of the submission is not looked at as at a day",
                ));
            }
            let of = self.look(elements, when, table)?;
            let other = self
                .sql
                .tables
                .group(within)
                .map_err(|problem| (problem, within.to_owned(), true))?;
            let within = self.look(columns, None, other)?;
            let cell = of.cells.first().copied();
            return Ok(Half::of(
                Asked::Cross(CrossCheck::Exists { of, within }),
                cell,
            ));
        }
        let given = self.sql.environment.given();
        if let Some(reason) = given.lacks(within) {
            self.sql.missing = Some(reason);
        }
        let reference = given.reference.as_ref();
        let known = reference.and_then(|reference| reference.without_rows(within));
        let Some(ReferenceTable { schema, .. }) = known else {
            let [_] = columns else {
                if self.sql.missing.is_none() {
                    return Err(wrong("this table is looked up by one value, a code"));
                }
                return Ok(Half::of(Asked::Nothing, None));
            };
            return self.looked_up(IN_REFERENCE, elements, within, as_at, when, table);
        };
        let names = || schema.fields().iter().map(|field| field.name().as_str());
        for column in columns {
            if !names().any(|name| name == column) {
                let problem =
                    Problem::new(format!("the table `{within}` has no column `{column}`"));
                let problem = match nearest(column, names()) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem,
                };
                return Err((problem, column.clone(), true));
            }
        }
        // The code of a table is looked up as national validation does it, with successors and default codes.
        if let [column] = columns
            && names().next() == Some(column)
        {
            return self.looked_up(IN_REFERENCE, elements, within, as_at, when, table);
        }
        let days = reference.and_then(|reference| reference.days_in_force(within));
        if as_at.is_some() && days.is_none() {
            return Err(wrong(
                "the rows of this table do not say when they are in force",
            ));
        }
        let within = name_of(within, columns);
        self.looked_up(IN_REFERENCE, elements, &within, as_at, when, table)
    }

    /// The tables of the elements searched and of those searched for.
    fn leak(&mut self, of: &[String], into: &[String]) -> Result<(usize, usize), Placed> {
        let tables = &mut *self.sql.tables;
        let placed = |texts: &[String], (index, problem): (usize, Problem)| {
            (problem, texts.get(index).cloned().unwrap_or_default(), true)
        };
        let sought = tables.elements(of).map_err(|problem| placed(of, problem))?;
        let searched = tables
            .free_texts(into, sought, LEAST_HIDING)
            .map_err(|problem| placed(into, problem))?;
        Ok((searched, sought))
    }
}

fn cross(check: CrossCheck, cell: Cell) -> Half {
    Half::of(Asked::Cross(check), Some(cell))
}

fn record_only() -> Placed {
    let problem = Problem::new(
        "this kind of check is about records and sits at the record or the submission",
    );
    (problem, String::new(), false)
}
