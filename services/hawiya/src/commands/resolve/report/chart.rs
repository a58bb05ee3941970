//! Charts as inline SVG; their colours are classes of the page's style.

use super::number;

/// The width of a chart, in its own units.
const WIDTH: f64 = 800.0;

/// A bar of a list.
pub(super) struct Bar {
    /// As HTML.
    pub(super) label: String,
    pub(super) count: u64,
}

/// One bar of several stretches, with a key below: name, class, count.
pub(super) fn stack(parts: &[(&str, &str, u64)]) -> String {
    let all: u64 = parts.iter().map(|(_, _, count)| count).sum();
    if all == 0 {
        return String::new();
    }
    let (mut stretches, mut keys, mut x) = (String::new(), String::new(), 0.0);
    for (name, class, count) in parts.iter().filter(|(_, _, count)| *count > 0) {
        let share = *count as f64 / all as f64;
        let width = share * WIDTH;
        stretches.push_str(&format!(
            "<rect class=\"{class}\" x=\"{x:.1}\" width=\"{width:.1}\" height=\"28\"><title>{name}: {}</title></rect>",
            number(*count)
        ));
        keys.push_str(&format!(
            "<span><svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect class=\"{class}\" width=\"10\" height=\"10\"/></svg> \
             {name} {} ({:.1} %)</span>\n",
            number(*count),
            share * 100.0
        ));
        x += width;
    }
    format!(
        "<svg viewBox=\"0 0 {WIDTH} 28\" role=\"img\" aria-label=\"shares\">{stretches}</svg>\n\
         <p class=\"key\">{keys}</p>\n"
    )
}

/// A bar a line, with its label before and its count behind.
pub(super) fn bars(all: &[Bar]) -> String {
    let largest = all.iter().map(|bar| bar.count).max().unwrap_or(0);
    if largest == 0 {
        return String::new();
    }
    let line = |bar: &Bar| {
        let width = bar.count as f64 / largest as f64 * WIDTH;
        format!(
            "<tr><td>{}</td><td><svg viewBox=\"0 0 {WIDTH} 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
             <rect class=\"bar\" width=\"{width:.1}\" height=\"20\"/></svg></td><td>{}</td></tr>\n",
            bar.label,
            number(bar.count)
        )
    };
    format!(
        "<table class=\"bars\"><tbody>\n{}</tbody></table>\n",
        all.iter().map(line).collect::<String>()
    )
}

/// A histogram: a column a label.
pub(super) fn columns(all: &[(String, u64)]) -> String {
    let largest = all.iter().map(|(_, count)| *count).max().unwrap_or(0);
    if largest == 0 {
        return String::new();
    }
    const HEIGHT: f64 = 150.0;
    let step = WIDTH / all.len() as f64;
    let column = |(at, (label, count)): (usize, &(String, u64))| {
        let (x, height) = (at as f64 * step, *count as f64 / largest as f64 * HEIGHT);
        format!(
            "<rect class=\"bar\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\">\
             <title>from {label}: {}</title></rect><text x=\"{x:.1}\" y=\"{:.1}\">{label}</text>",
            x + 1.0,
            HEIGHT - height,
            step - 2.0,
            number(*count),
            HEIGHT + 14.0
        )
    };
    let columns: String = all.iter().enumerate().map(column).collect();
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"histogram\">{columns}</svg>\n",
        HEIGHT + 18.0
    )
}

/// A line through points; the largest value and the last place are written beside the axes.
pub(super) fn curve(points: &[(f64, f64)], unit: &str) -> String {
    let largest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0_f64, f64::max);
    let x_max = largest(&mut points.iter().map(|(x, _)| *x));
    let y_max = largest(&mut points.iter().map(|(_, y)| *y));
    if points.len() < 2 || x_max <= 0.0 || y_max <= 0.0 {
        return String::new();
    }
    const HEIGHT: f64 = 150.0;
    let place = |(x, y): &(f64, f64)| {
        format!("{:.1},{:.1}", x / x_max * WIDTH, 16.0 + HEIGHT - y / y_max * HEIGHT)
    };
    let line: Vec<String> = points.iter().map(place).collect();
    let base = 16.0 + HEIGHT;
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"curve\">\
         <line class=\"axis\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{base}\" y2=\"{base}\"/>\
         <text x=\"0\" y=\"11\">{}</text><text x=\"{WIDTH}\" y=\"{}\" text-anchor=\"end\">{x_max:.0} {unit}</text>\
         <polyline class=\"curve\" points=\"{}\"/></svg>\n",
        base + 18.0,
        number(y_max.round() as u64),
        base + 14.0,
        line.join(" ")
    )
}
