//! Reads XML as GDAL writes it.

use std::ops::Range;

/// XML without the elements of a given name.
pub(crate) fn without(xml: &str, name: &str) -> String {
    let mut kept = String::new();
    let mut from = 0;
    for element in elements(xml, name) {
        kept.push_str(&xml[from..element.start]);
        from = element.end;
    }
    kept + &xml[from..]
}

/// XML without the elements of a given name that have nothing in them.
pub(crate) fn without_empty(xml: &str, name: &str) -> String {
    let mut xml = xml.to_owned();
    for at in elements(&xml, name).into_iter().rev() {
        let inner = xml[at.clone()].split_once('>').map_or("", |(_, rest)| rest);
        if inner.trim().is_empty() || inner.trim().starts_with("</") {
            xml.replace_range(at, "");
        }
    }
    xml
}

/// Where the elements of a given name are in XML as GDAL writes it; none is within another one.
pub(crate) fn elements(xml: &str, name: &str) -> Vec<Range<usize>> {
    let (opening, closing) = (format!("<{name}"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = xml[from..].find(&opening) {
        let start = from + at;
        let after = start + opening.len();
        if !xml[after..].starts_with([' ', '>', '/']) {
            // A longer name with the same beginning.
            from = after;
            continue;
        }
        let end = match xml[after..].find('>') {
            Some(end) if xml[after..after + end].ends_with('/') => Some(after + end + 1),
            _ => xml[after..].find(&closing).map(|at| after + at + closing.len()),
        };
        let Some(end) = end else { break };
        found.push(start..end);
        from = end;
    }
    found
}

/// The value of an attribute in the opening tag of an element.
pub(crate) fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    Some(value.split_once('"')?.0)
}

/// Text of an XML element, as GDAL writes it.
pub(crate) fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_taken_out() {
        let xml = "<a><M k=\"1\"><x/></M><Mask>1</Mask><M/><b><M k=\"2\" /></b></a>";
        assert_eq!(without(xml, "M"), "<a><Mask>1</Mask><b></b></a>");
        assert_eq!(without("<a><M>", "M"), "<a><M>");
    }
}
