//! Queries over all inputs of a run, while rules are compiled: which columns of this standard's tables they need.
//!
//! Tables of other standards are not known here, so such a query is planned when the run has ended. What it says of the tables
//! that are known is held against them all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion_sql::sqlparser::ast::{
    Expr, Ident, ObjectNamePart, Statement as Sentence, TableFactor, Visit as _, Visitor,
};
use datafusion_sql::sqlparser::dialect::GenericDialect;
use datafusion_sql::sqlparser::tokenizer::{Token, Tokenizer};

use super::names::{Known, QueryNames, placed, read};
use super::session::state;
use super::{ANY_NAME, OWN_COLUMNS};
use crate::error::Problem;
use crate::sql::Sql;
use crate::tables::nearest;

impl QueryNames {
    /// Reads a query over all inputs and notes which columns it needs; gives the names that the rule's message may use.
    pub(crate) fn add_spanning(
        &mut self,
        sql: &str,
        work: &mut Sql<'_, '_>,
    ) -> Result<Vec<String>, Problem> {
        let context = self.context(work)?;
        let statement = read(&context, sql)?;
        let tables = state(&context)
            .resolve_table_references(&statement)
            .map_err(|error| placed(sql, &error))?;
        let named = Named::of(sql);
        if let Statement::Statement(sentence) = &statement {
            aliases(sentence).check(sql, work)?;
        }
        for table in tables {
            let name = table.table();
            if !work.tables.is_record(name) {
                continue;
            }
            let table = work.tables.group(name)?;
            let known = self
                .spanning
                .entry(name.to_owned())
                .or_insert_with(|| Known {
                    table,
                    columns: BTreeMap::new(),
                });
            for (column, _) in work.tables.columns_of(name) {
                if named.may_mean(&column) && !OWN_COLUMNS.contains(&column.as_str()) {
                    let cell = work.tables.own_column(&column, table)?;
                    known.columns.insert(column, cell);
                }
            }
        }
        Ok(vec![ANY_NAME.to_owned()])
    }
}

/// The words of a query, any of which may be a column.
struct Named {
    words: BTreeSet<String>,
    /// Whether it asks for all columns of something.
    all: bool,
}

impl Named {
    fn of(sql: &str) -> Self {
        let mut named = Self {
            words: BTreeSet::new(),
            all: false,
        };
        // What cannot be read has been told of before.
        let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize();
        let mut before: Option<Token> = None;
        for token in tokens.unwrap_or_default() {
            match &token {
                Token::Whitespace(_) => continue,
                Token::Word(word) => {
                    named.words.insert(word.value.clone());
                }
                Token::Mul => {
                    let select = |word: &str| {
                        word.eq_ignore_ascii_case("select") || word.eq_ignore_ascii_case("distinct")
                    };
                    named.all |= match &before {
                        Some(Token::Word(word)) => select(&word.value),
                        Some(Token::Comma | Token::Period) => true,
                        _ => false,
                    };
                }
                _ => {}
            }
            before = Some(token);
        }
        named
    }

    fn may_mean(&self, column: &str) -> bool {
        self.all || self.words.contains(column)
    }
}

/// The tables that names before a point stand for, and the columns behind it.
#[derive(Default)]
struct Aliases {
    tables: BTreeMap<String, BTreeSet<String>>,
    columns: Vec<(Ident, Ident)>,
}

fn aliases(sentence: &Sentence) -> Aliases {
    let mut aliases = Aliases::default();
    let _ = sentence.visit(&mut aliases);
    aliases
}

impl Visitor for Aliases {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { name, alias, .. } => {
                let table = name.0.last().and_then(ObjectNamePart::as_ident);
                let table = table.map(|ident| ident.value.clone()).unwrap_or_default();
                let alias = alias
                    .as_ref()
                    .map_or_else(|| table.clone(), |alias| alias.name.value.clone());
                self.tables.entry(alias).or_default().insert(table);
            }
            TableFactor::Derived {
                alias: Some(alias), ..
            } => {
                // No table is called so.
                self.tables
                    .entry(alias.name.value.clone())
                    .or_default()
                    .insert(String::new());
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        if let Expr::CompoundIdentifier(parts) = expression
            && let [.., table, column] = &parts[..]
        {
            self.columns.push((table.clone(), column.clone()));
        }
        ControlFlow::Continue(())
    }
}

impl Aliases {
    /// Columns that are said to be of a table of this standard must be there.
    fn check(&self, sql: &str, work: &Sql<'_, '_>) -> Result<(), Problem> {
        for (alias, column) in &self.columns {
            let tables = self.tables.get(&alias.value).into_iter().flatten();
            let mut known: Vec<String> = Vec::new();
            let mut only_ours = false;
            for table in tables {
                only_ours = work.tables.is_record(table);
                if !only_ours {
                    break;
                }
                known.extend(
                    work.tables
                        .columns_of(table)
                        .into_iter()
                        .map(|(name, _)| name),
                );
            }
            let own = OWN_COLUMNS.contains(&column.value.as_str());
            if !only_ours || own || known.contains(&column.value) {
                continue;
            }
            let problem = Problem::new(format!("there is no column `{}`", column.value));
            let problem = match nearest(&column.value, known.iter().map(String::as_str)) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem,
            };
            return Err(problem.at(crate::sql::span(sql, column.span)));
        }
        Ok(())
    }
}
