//! A list of named steps, each timed; the first that fails ends the run.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

/// What was done so far.
#[derive(Default)]
pub struct Steps {
    done: Vec<(String, Duration)>,
    failed: Option<String>,
}

impl Steps {
    /// Does one step and says how long it took.
    pub fn step(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("── {name}");
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        match &result {
            Ok(()) => {
                println!("── {name}: ok, {}", seconds(took));
                self.done.push((name.to_owned(), took));
            }
            Err(_) => {
                println!("── {name}: FAILED after {}", seconds(took));
                self.failed = Some(name.to_owned());
            }
        }
        result.map_err(|error| anyhow!("step `{name}` failed: {error:#}"))
    }

    /// What passed, how long it took, and the count as the last line.
    pub fn summary(&self) {
        println!();
        for (name, took) in &self.done {
            println!("{:>8}  {name}", seconds(*took));
        }
        if let Some(name) = &self.failed {
            println!("  FAILED  {name}");
        }
        println!(
            "{} passed, {} failed",
            self.done.len(),
            usize::from(self.failed.is_some())
        );
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}
