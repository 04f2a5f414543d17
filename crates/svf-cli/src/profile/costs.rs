//! The log of a run (`--profile-log`) and what the run cost by phase.

use serde::{Deserialize, Serialize};

/// The first line of a log.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Head {
    pub(super) tool: Option<String>,
    pub(super) budget_bytes: Option<u64>,
    pub(super) threads: Option<u64>,
}

/// Any other line.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Moment {
    pub(super) t_s: f64,
    pub(super) phase: String,
    pub(super) rss_bytes: Option<u64>,
    pub(super) peak_rss_bytes: Option<u64>,
    pub(super) cpu_s: Option<f64>,
    pub(super) read_bytes: Option<u64>,
    pub(super) written_bytes: Option<u64>,
    pub(super) done: Option<u64>,
}

/// A log as read.
pub(super) struct Log {
    pub(super) head: Head,
    pub(super) moments: Vec<Moment>,
    /// Largest resident memory of the process.
    pub(super) peak_bytes: Option<u64>,
    /// Whether the run has ended.
    pub(super) ended: bool,
}

/// What a phase cost.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Cost {
    pub(super) phase: String,
    pub(super) seconds: f64,
    /// Number of busy processors, on average.
    pub(super) processors: Option<f64>,
    pub(super) read_bytes: Option<u64>,
    pub(super) written_bytes: Option<u64>,
    pub(super) peak_bytes: Option<u64>,
    /// How much the memory of the process grew from its start to its end.
    pub(super) increment_bytes: Option<i64>,
    /// Cells (points in the phase `points`) per second.
    pub(super) per_second: Option<f64>,
}

impl Log {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut log =
            Self { head: Head::default(), moments: Vec::new(), peak_bytes: None, ended: false };
        let lines = text.lines().count();
        for (number, line) in text.lines().enumerate() {
            let bad = |error: serde_json::Error| {
                format!("it is not a profile log, or it is damaged (line {}: {error})", number + 1)
            };
            // If a run was killed, its last line can be incomplete.
            let cut = number + 1 == lines && !text.ends_with('\n');
            let value: serde_json::Value = match serde_json::from_str(line) {
                Ok(value) => value,
                Err(_) if cut => break,
                Err(error) => return Err(bad(error)),
            };
            if value.get("t_s").is_none() {
                log.head = serde_json::from_value(value).map_err(bad)?;
                continue;
            }
            let moment: Moment = serde_json::from_value(value).map_err(bad)?;
            let seen = [moment.peak_rss_bytes, moment.rss_bytes].into_iter().flatten().max();
            log.peak_bytes = log.peak_bytes.max(seen);
            log.ended |= moment.phase == "end";
            log.moments.push(moment);
        }
        let first = log.moments.first().ok_or("it has no samples")?;
        // A process starts from zero, so the values of its first sample belong to the first
        // phase.
        let start = Moment {
            t_s: 0.0,
            phase: first.phase.clone(),
            rss_bytes: None,
            peak_rss_bytes: None,
            cpu_s: first.cpu_s.map(|_| 0.0),
            read_bytes: first.read_bytes.map(|_| 0),
            written_bytes: first.written_bytes.map(|_| 0),
            done: None,
        };
        log.moments.insert(0, start);
        Ok(log)
    }

    /// Samples by phase. Each phase ends with the first sample of the next one.
    pub(super) fn phases(&self) -> Vec<&[Moment]> {
        let mut phases = Vec::new();
        let mut start = 0;
        for i in 1..=self.moments.len() {
            if self.moments.get(i).is_none_or(|m| m.phase != self.moments[start].phase) {
                if self.moments[start].phase != "end" {
                    phases.push(&self.moments[start..(i + 1).min(self.moments.len())]);
                }
                start = i;
            }
        }
        phases
    }

    pub(super) fn costs(&self) -> Vec<Cost> {
        let mut costs: Vec<Cost> =
            self.phases().into_iter().map(|p| Cost::of(&p[0].phase, p)).collect();
        costs.push(Cost {
            peak_bytes: self.peak_bytes,
            per_second: None,
            ..Cost::of("total", &self.moments)
        });
        costs
    }
}

impl Cost {
    fn of(phase: &str, moments: &[Moment]) -> Self {
        let (first, last) = (&moments[0], &moments[moments.len() - 1]);
        let seconds = last.t_s - first.t_s;
        // Only the last line of a log has the peak.
        fn ends<T: Copy>(moments: &[Moment], of: impl Fn(&Moment) -> Option<T>) -> Option<(T, T)> {
            Some((moments.iter().find_map(&of)?, moments.iter().rev().find_map(&of)?))
        }
        let grown = |of: fn(&Moment) -> Option<u64>| {
            ends(moments, of).map(|(from, to)| to.saturating_sub(from))
        };
        let rate = |amount: f64| (seconds > 0.0).then(|| amount / seconds);
        // The peak of the process was reached in this phase if it is higher than before.
        let highest = moments.iter().filter_map(|m| m.rss_bytes).max();
        let marks = ends(moments, |m| m.peak_rss_bytes);
        let own = marks.and_then(|(from, to)| (to > from).then_some(to));
        let done = moments.iter().filter(|m| m.phase == phase).filter_map(|m| m.done).max();
        Self {
            phase: phase.to_owned(),
            seconds,
            processors: ends(moments, |m| m.cpu_s).and_then(|(from, to)| rate(to - from)),
            read_bytes: grown(|m| m.read_bytes),
            written_bytes: grown(|m| m.written_bytes),
            peak_bytes: highest.max(own),
            increment_bytes: ends(moments, |m| m.rss_bytes)
                .map(|(from, to)| i128::from(to) - i128::from(from))
                .and_then(|grown| i64::try_from(grown).ok()),
            per_second: done
                .filter(|_| ["compute", "points"].contains(&phase))
                .and_then(|done| rate(done as f64)),
        }
    }
}
