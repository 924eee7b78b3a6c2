//! A batch as it is before it is written.

use std::io::{self, Write};

use concord_standards::layout::{Layout, TableLayout};

use super::super::kinds::System;
use super::super::world::{Batch, World};
use super::super::written::{self, Named};
use super::Label;
use super::rows::RowFaults;
use crate::tables::pen::{Pen, Row, Source, WrittenColumn};

/// A file of a batch.
#[derive(Debug, Clone)]
pub(super) struct File<'d> {
    pub(super) table: &'d TableLayout,
    /// What its name says.
    pub(super) named: Named,
    /// Its own name, where that is another than follows from what it says.
    pub(super) called: Option<String>,
    pub(super) columns: Vec<WrittenColumn>,
    /// Rows with a cell for each field of the table, and whether they are withdrawn.
    pub(super) rows: Vec<(Row, bool)>,
}

/// A batch.
#[derive(Debug, Clone)]
pub(super) struct Folder<'d> {
    pub(super) system: System,
    pub(super) name: String,
    pub(super) files: Vec<File<'d>>,
    /// The table of the manifest, and its lines.
    pub(super) manifest: Option<(&'d TableLayout, Vec<[String; 5]>)>,
    /// Whether all its files take the place of what came before, and who reads it can tell.
    bulk: bool,
}

impl<'d> Folder<'d> {
    /// The batch of a month; `shift` is added to its numbers, for something that is missing before it.
    pub(super) fn new(
        system: System,
        layout: &'d Layout,
        world: &mut World<'_>,
        batch: &Batch,
        shift: u64,
    ) -> io::Result<Self> {
        let mut named = Named::of(batch.month);
        named.numbers = (named.numbers.0 + shift, named.numbers.1 + shift);
        let mut files = Vec::new();
        let mut listed = Vec::new();
        for (table, kind) in written::tables(system, layout, world) {
            let places = written::columns(system, table, kind, batch);
            let columns = places.iter().map(|place| WrittenColumn {
                header: written::header(&table.fields[*place].column),
                source: Source::Field(*place),
            });
            let columns = columns.collect();
            let mut rows = Vec::new();
            written::rows(
                system,
                table,
                kind,
                world,
                batch,
                &mut |cells, withdrawn| {
                    let cells = cells.iter().map(|cell| (*cell).to_owned()).collect();
                    rows.push((Row { cells }, withdrawn));
                    Ok(())
                },
            )?;
            listed.extend(written::listing(table, kind, batch));
            files.push(File {
                table,
                named: named.clone(),
                called: None,
                columns,
                rows,
            });
        }
        let manifest = layout
            .table("sr_manifest")
            .map(|table| (table, written::manifest(batch.month, &listed)));
        let bulk = world.kinds().all(|(kind, ..)| batch.whole.contains(&kind));
        Ok(Self {
            system,
            name: written::folder(system, world, batch),
            files,
            manifest,
            bulk: bulk && world.bulk_is_known(),
        })
    }

    /// Whether something must come before it.
    pub(super) fn follows(&self) -> bool {
        !self.bulk
    }

    /// The place of a file below the folder of batches.
    pub(super) fn path(&self, file: &File<'_>) -> String {
        let own = file.called.clone();
        let name = own.unwrap_or_else(|| file.named.file(self.system, file.table));
        format!("{}/{name}", self.name)
    }

    /// The place of the manifest.
    pub(super) fn manifest_path(&self) -> String {
        let title = self
            .manifest
            .as_ref()
            .map(|(table, _)| table.title.as_str());
        format!("{}/{}.csv", self.name, title.unwrap_or_default())
    }

    /// Writes the batch, with faults in its rows where they are wanted, and gives the labels of these.
    pub(super) fn write(
        &self,
        mut faults: Option<&mut RowFaults<'_>>,
        create: &mut dyn FnMut(&str) -> io::Result<Box<dyn Write>>,
    ) -> io::Result<Vec<Label>> {
        let mut labels = Vec::new();
        for file in &self.files {
            let path = self.path(file);
            let mut out = create(&path)?;
            let mut pen = Pen::new(&mut out, None, file.table);
            pen.columns.clone_from(&file.columns);
            pen.quoted = self.system == System::Tpp;
            if self.system != System::Vision {
                pen.header()?;
            }
            match &mut faults {
                Some(faults) => labels.extend(faults.write(file, &path, &mut pen)?),
                None => {
                    for (row, _) in &file.rows {
                        pen.row(row, None)?;
                    }
                }
            }
            out.flush()?;
        }
        if let Some((table, lines)) = &self.manifest {
            let mut out = create(&self.manifest_path())?;
            let names: Vec<String> = table
                .fields
                .iter()
                .map(|field| written::header(&field.column))
                .collect();
            written::line(&mut out, names.iter().map(String::as_str), true)?;
            for cells in lines {
                written::line(&mut out, cells.iter().map(String::as_str), true)?;
            }
            out.flush()?;
        }
        Ok(labels)
    }
}
