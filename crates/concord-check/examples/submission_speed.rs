//! How fast submissions of many tables are checked: `submission_speed SCHEMAS ID@VERSION PATIENTS FOLDER` writes a sample into the
//! folder and checks it, and says rows, megabytes, seconds and the greatest memory.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use concord_check::submission::{Parameters, SubmissionPlan, TableFiles, check_submission};
use concord_finding::Grades;
use concord_read::{Input, Limits};
use concord_sample::submissions::{Request, write};
use concord_standards::registry::Registry;
use concord_standards::submission::Profile;
use concord_standards::{Source, SourceError};

struct Folder(PathBuf);

impl Source for Folder {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        let text = fs::read_to_string(self.0.join(path));
        text.map(Cow::Owned).map_err(|_| SourceError::missing(path))
    }

    fn list(&self, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.0.join(path)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(path) = path.strip_prefix(&self.0) {
                    found.push(path.to_string_lossy().into_owned());
                }
            }
        }
        found.sort();
        found
    }
}

#[allow(clippy::print_stdout)] // it is what the example is for
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, schemas, standard, patients, folder] = arguments.as_slice() else {
        return Err("submission_speed SCHEMAS ID@VERSION PATIENTS FOLDER".into());
    };
    let registry = Registry::new(vec![Box::new(Folder(schemas.into()))])
        .map_err(|errors| errors.to_string())?;
    let definition = registry.load(standard)?;
    let submission = Arc::new(
        definition
            .submission
            .ok_or("it is no standard of many tables")?,
    );
    fs::create_dir_all(folder)?;
    let path =
        |table: usize| Path::new(folder).join(format!("{}.csv", submission.tables[table].name));
    let request = Request {
        submission: &submission,
        patients: patients.parse()?,
        seed: 1,
        period: (
            jiff::civil::date(2024, 4, 1),
            jiff::civil::date(2024, 4, 30),
        ),
        provider: "RX1".to_owned(),
    };
    let mut files: Vec<Box<dyn Write>> = Vec::new();
    for table in 0..submission.tables.len() {
        files.push(Box::new(BufWriter::new(File::create(path(table))?)));
    }
    let rows: u64 = write(&request, &mut files)?.iter().sum();
    for file in &mut files {
        file.flush()?;
    }
    drop(files);
    let mut bytes = 0;
    let mut inputs = Vec::new();
    for table in 0..submission.tables.len() {
        bytes += fs::metadata(path(table))?.len();
        inputs.push(Input::file(path(table)));
    }
    let begun = Instant::now();
    let plan = SubmissionPlan::new(
        &submission,
        Profile::Implemented,
        Parameters::new(),
        None,
        &Grades::default(),
    );
    let mut source = TableFiles::new(
        Arc::clone(&submission),
        inputs,
        "folder".into(),
        Limits::default(),
    );
    let mut findings = 0u64;
    let checked = check_submission(&mut source, &plan, &mut |_| {
        findings += 1;
        ControlFlow::Continue(())
    });
    let seconds = begun.elapsed().as_secs_f64();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap_or("")
        .to_owned();
    println!(
        "{rows} rows, {} MB, {findings} findings, {seconds:.2} s, {memory}, error: {:?}",
        bytes / 1_000_000,
        checked.error
    );
    Ok(())
}
