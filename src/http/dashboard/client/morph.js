/**
 * Makes one tree of elements like another, in place: what stays keeps its focus, its scroll and its
 * open state, and only what differs is touched.
 */

/** Set by the reader, not by the server. */
const OF_THE_READER = new Set(["open", "hidden"]);

/** Elements are the same where tag and id agree; a list of rows is matched by their ids. */
export function morph(from, to) {
  // Asked for rows and pictures alone: asked at every level it would read the whole tree each time.
  const isPicture = from.nodeName === "svg";
  if ((isPicture || from.nodeName === "TR") && from.isEqualNode(to)) return;
  // A picture has nothing of the reader's in it: another one is quicker than a change of all its parts.
  if (isPicture) {
    from.replaceWith(to);
    return;
  }
  morphAttributes(from, to);
  morphChildren(from, to);
}

function morphAttributes(from, to) {
  for (const { name, value } of [...to.attributes]) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !OF_THE_READER.has(name)) from.removeAttribute(name);
  }
}

function morphChildren(from, to) {
  const byId = new Map();
  for (const child of from.children) if (child.id !== "") byId.set(child.id, child);
  let here = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const known = wanted.nodeType === Node.ELEMENT_NODE ? byId.get(wanted.id) : undefined;
    if (known !== undefined && known !== here) {
      from.insertBefore(known, here);
      here = known;
    }
    if (here === null) {
      from.append(wanted);
    } else if (isSame(here, wanted)) {
      const next = here.nextSibling;
      if (here.nodeType === Node.ELEMENT_NODE) morph(here, wanted);
      else if (here.nodeValue !== wanted.nodeValue) here.nodeValue = wanted.nodeValue;
      here = next;
    } else {
      from.insertBefore(wanted, here);
      // A node with an id of its own may be wanted further on.
      if (here.nodeType !== Node.ELEMENT_NODE || here.id === "") {
        const gone = here;
        here = here.nextSibling;
        gone.remove();
      }
    }
  }
  while (here !== null) {
    const gone = here;
    here = here.nextSibling;
    gone.remove();
  }
}

function isSame(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName &&
    (a.nodeType !== Node.ELEMENT_NODE || a.id === b.id);
}
