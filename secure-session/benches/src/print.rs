//! The report as text.

use crate::{
    measure::{Cost, Summary},
    report::Report,
};

pub fn print(report: &Report) {
    println!(
        "{} rounds, {} measurements disturbed by other programs; times in microseconds\n",
        report.rounds, report.disturbed
    );
    routes(report);
    parts(report);
    codec(report);
    base64url(report);
    lengths(report);
    scaling(report);
    origin(report);
}

fn routes(report: &Report) {
    println!(
        "{:<8} {:<17} {:>8} {:>8} {:>8} {:>8} {:>18} {:>18} {:>18}",
        "route",
        "",
        "minimum",
        "median",
        "maximum",
        "added",
        "to actix-session",
        "to the parts",
        "in a request"
    );
    for row in &report.routes {
        println!(
            "{:<8} {:<17} {} {} {:>18} {:>18} {:>18}",
            row.route,
            row.contender,
            times(row.time),
            micros(row.added.median),
            ratio(row.to_actix_session),
            ratio(row.to_parts),
            ratio(row.to_parts_within),
        );
    }
    println!("Ratios are of the medians; those of the minima are in parentheses.");
}

fn parts(report: &Report) {
    println!(
        "\n{:<26} {:>8} {:>8} {:>8}",
        "unavoidable", "minimum", "median", "maximum"
    );
    for part in &report.parts {
        println!("{:<26} {}", part.name, times(part.time));
    }
    for sum in report.sums.iter().filter(|sum| sum.time.median > 0.0) {
        let [minimum, median] = [sum.time.minimum, sum.time.median].map(micros);
        println!("sum of {:<19} {minimum} {median}", sum.route);
        if let Some(within) = sum.within {
            let [minimum, median] = [within.minimum, within.median].map(micros);
            println!("{:<26} {minimum} {median}", "    in a request");
        }
    }
}

fn codec(report: &Report) {
    println!(
        "\n{:<5} {:>5} {:<17} {:>8} {:>8} {:>8} {:>9}",
        "codec", "bytes", "", "minimum", "median", "maximum", "/jar"
    );
    for row in &report.codec {
        println!(
            "{:<5} {:>5} {:<17} {} {:>9}",
            row.operation,
            row.size,
            row.contender,
            times(row.time),
            format!("{:.2}", row.to_jar),
        );
    }
}

fn base64url(report: &Report) {
    println!(
        "\n{:<40} {:>8} {:>8} {:>8}",
        "base64url", "minimum", "median", "maximum"
    );
    for row in &report.base64url {
        let name = format!("{} {:>5} {}", row.operation, row.size, row.hand);
        println!("{name:<40} {}", times(row.time));
    }
}

fn lengths(report: &Report) {
    println!("\ncharacters of the cookie's value, median (minimum to maximum)");
    println!(
        "{:>5} {:>20} {:>20} {:>20}",
        "bytes", "native", "actix-session", "fastify"
    );
    for row in &report.lengths {
        let cell = |length: &crate::lengths::Length| {
            format!(
                "{} ({} to {})",
                length.median, length.minimum, length.maximum
            )
        };
        println!(
            "{:>5} {:>20} {:>20} {:>20}",
            row.size,
            cell(&row.native),
            cell(&row.actix_session),
            cell(&row.fastify),
        );
    }
}

fn scaling(report: &Report) {
    println!(
        "\n{:<32} {:>8} {:>8} {:>8}",
        "scaling", "minimum", "median", "maximum"
    );
    for (what, rows) in [
        ("keys, opened with the last", &report.keys),
        ("sessions, one read", &report.sessions),
    ] {
        for row in rows {
            println!(
                "{:<32} {}",
                format!("{:>2} {what}", row.number),
                times(row.time)
            );
        }
    }
    for row in &report.other_cookies {
        println!(
            "{:<32} {} {}",
            format!("{:>2} other cookies, {}", row.number, row.contender),
            times(row.time),
            micros(row.added.median),
        );
    }
}

fn origin(report: &Report) {
    println!(
        "\n{:<32} {:>8} {:>8} {:>8}   added",
        "origin check of a POST", "minimum", "median", "maximum"
    );
    for row in &report.origin {
        println!(
            "{:<32} {} {}",
            row.client,
            times(row.time),
            micros(row.added.median),
        );
    }
    println!(
        "\na guard, compared with a session: {}",
        micros(report.guard.median)
    );
}

fn times(time: Summary) -> String {
    [time.minimum, time.median, time.maximum]
        .map(micros)
        .join(" ")
}

fn micros(nanoseconds: f64) -> String {
    format!("{:>8.3}", nanoseconds / 1000.0)
}

fn ratio(ratio: Option<Cost>) -> String {
    let text = |ratio: Cost| format!("{:.2} ({:.2})", ratio.median, ratio.minimum);
    ratio.map(text).unwrap_or_default()
}
