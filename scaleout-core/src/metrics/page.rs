//! The page that Prometheus reads.

use std::fmt::{Display, Write as _};

use super::histogram::HistogramCounts;

/// Content type of a page.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Names of labels with their values.
type Labels<'a> = &'a [(&'a str, &'a str)];

/// A page under construction. Samples of one name come one after the other, as the format demands.
#[derive(Clone, Debug, Default)]
pub struct Page {
    text: String,
}

impl Page {
    /// An empty page.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A page that begins with the version of the program.
    #[must_use]
    pub fn of_program(version: &str) -> Self {
        let mut page = Self::new();
        page.gauges("scaleout_build_info", "The version of this program.");
        page.sample("scaleout_build_info", &[("version", version)], 1);
        page
    }

    /// The text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    /// A number that goes up and down, without labels.
    pub fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.head(name, help, "gauge");
        self.sample(name, &[], value);
    }

    /// A number that only rises, without labels.
    pub fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.head(name, help, "counter");
        self.sample(name, &[], value);
    }

    /// Begins a number that goes up and down, of which there are several; [`Page::sample`] follows
    /// for each.
    pub fn gauges(&mut self, name: &str, help: &str) {
        self.head(name, help, "gauge");
    }

    /// Begins a number that only rises, of which there are several; [`Page::sample`] follows for each.
    pub fn counters(&mut self, name: &str, help: &str) {
        self.head(name, help, "counter");
    }

    /// Begins a histogram; [`Page::counts`] follows for each.
    pub fn histograms(&mut self, name: &str, help: &str) {
        self.head(name, help, "histogram");
    }

    /// One number.
    pub fn sample(&mut self, name: &str, labels: Labels<'_>, value: impl Display) {
        self.text.push_str(name);
        if !labels.is_empty() {
            self.text.push('{');
            for (number, (label, value)) in labels.iter().enumerate() {
                let comma = if number == 0 { "" } else { "," };
                let value = escaped(value, true);
                self.put(format_args!("{comma}{label}=\"{value}\""));
            }
            self.text.push('}');
        }
        self.put(format_args!(" {value}\n"));
    }

    /// The numbers of one histogram.
    pub fn counts(&mut self, name: &str, labels: Labels<'_>, counts: &HistogramCounts) {
        let bucket = format!("{name}_bucket");
        let bounds = counts.at_most.iter();
        let bounds = bounds.map(|(bound, count)| (bound.to_string(), *count));
        let all = std::iter::once(("+Inf".to_owned(), counts.count));
        for (bound, count) in bounds.chain(all) {
            let mut labels = labels.to_vec();
            labels.push(("le", &bound));
            self.sample(&bucket, &labels, count);
        }
        self.sample(&format!("{name}_sum"), labels, counts.sum);
        self.sample(&format!("{name}_count"), labels, counts.count);
    }

    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let help = escaped(help, false);
        self.put(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    fn put(&mut self, what: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.text.write_fmt(what);
    }
}

/// Text as the format wants it: a name that holds a quote or a line break must not end a line.
fn escaped(text: &str, in_quotes: bool) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    if in_quotes {
        text.replace('"', "\\\"")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Histogram;
    use super::*;

    #[test]
    fn a_page_is_what_prometheus_reads() {
        let mut page = Page::new();
        page.gauge("a", "One\nnumber.", 1.5);
        page.counters("b_total", "Several.");
        page.sample("b_total", &[("x", "say \"hi\"\n"), ("y", r"C:\")], 2);
        let histogram = Histogram::of_long();
        histogram.observe(Duration::from_secs(2));
        page.histograms("c", "Times.");
        page.counts("c", &[("k", "v")], &histogram.counts());
        let text = page.into_text();
        let expected_start = "# HELP a One\\nnumber.\n# TYPE a gauge\na 1.5\n\
             # HELP b_total Several.\n# TYPE b_total counter\n\
             b_total{x=\"say \\\"hi\\\"\\n\",y=\"C:\\\\\"} 2\n\
             # HELP c Times.\n# TYPE c histogram\nc_bucket{k=\"v\",le=\"0.1\"} 0\n";
        assert!(text.starts_with(expected_start), "{text}");
        let expected_end = "c_bucket{k=\"v\",le=\"43200\"} 1\nc_bucket{k=\"v\",le=\"+Inf\"} 1\n\
             c_sum{k=\"v\"} 2\nc_count{k=\"v\"} 1\n";
        assert!(text.ends_with(expected_end), "{text}");
    }
}
