//! What the process takes of its machine, as lines of `/metrics`, under the names that Prometheus'
//! own clients use
//! (<https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics>).
//!
//! Read from `/proc` when somebody asks; elsewhere than on Linux these lines are left out. They are
//! written here and not through the `metrics` facade, whose counters are whole numbers: CPU time is
//! not.

use std::{
    fmt::Write,
    fs,
    sync::OnceLock,
    time::{SystemTime, UNIX_EPOCH},
};

/// Clock ticks of a second in `/proc/self/stat`: `USER_HZ`, which is 100 on every architecture of
/// ours whatever the kernel's own clock is (`time(7)`).
const TICKS_PER_SECOND: f64 = 100.0;

/// The lines of now.
pub(crate) fn page() -> String {
    let read = |name: &str| fs::read_to_string(format!("/proc/self/{name}")).unwrap_or_default();
    let (stat, status, limits) = (read("stat"), read("status"), read("limits"));
    let files = fs::read_dir("/proc/self/fd").map(|entries| entries.count() as f64).ok();
    let mut page = String::new();
    let mut line = |name, kind, meaning, value: Option<f64>| {
        let Some(value) = value else { return };
        let told =
            writeln!(page, "# HELP {name} {meaning}\n# TYPE {name} {kind}\n{name} {value}\n");
        told.expect("a String grows");
    };
    let cpu = "CPU time of the process in seconds, in the kernel and outside";
    line("process_cpu_seconds_total", "counter", cpu, cpu_seconds(&stat));
    let resident = "memory of the process that is in RAM";
    line("process_resident_memory_bytes", "gauge", resident, resident_bytes(&status));
    line("process_open_fds", "gauge", "open file descriptors, sockets included", files);
    line("process_max_fds", "gauge", "how many of them there may be", files_max(&limits));
    let start = "when the process started, in seconds since 1970";
    line("process_start_time_seconds", "gauge", start, Some(started()));
    page
}

/// When the process started, as far as it is known: when this was first asked.
pub(crate) fn started() -> f64 {
    static STARTED: OnceLock<f64> = OnceLock::new();
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    *STARTED.get_or_init(now)
}

/// Fields 14 and 15, in and outside the kernel. The name of the program, the second field, may hold
/// spaces; the last parenthesis ends it.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut ticks = rest.split(' ').skip(11).map(|field| field.parse::<f64>().ok());
    Some((ticks.next()?? + ticks.next()??) / TICKS_PER_SECOND)
}

fn resident_bytes(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024.0)
}

fn files_max(limits: &str) -> Option<f64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_is_read() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 1 2 3 4 150 25 0 0 20 0 9 0 100 1 2";
        assert_eq!(cpu_seconds(stat), Some(1.75));
        assert_eq!(resident_bytes("VmSize:\t  9 kB\nVmRSS:\t   12 kB\n"), Some(12_288.0));
        let limits =
            "Max processes   5 5 processes\nMax open files            1024    4096    files\n";
        assert_eq!(files_max(limits), Some(1_024.0));
        assert_eq!((cpu_seconds(""), resident_bytes(""), files_max("")), (None, None, None));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_page_has_every_figure_once() {
        let page = page();
        for name in [
            "cpu_seconds_total",
            "resident_memory_bytes",
            "open_fds",
            "max_fds",
            "start_time_seconds",
        ] {
            let line = format!("\nprocess_{name} ");
            let value = page.split(&line).nth(1).and_then(|rest| rest.lines().next()).unwrap();
            assert!(value.parse::<f64>().unwrap() > 0.0 || name == "cpu_seconds_total", "{page}");
            assert_eq!(page.matches(&line).count(), 1);
        }
    }
}
