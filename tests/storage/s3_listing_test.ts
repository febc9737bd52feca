import assert from "node:assert/strict";
import { readListing } from "../../src/storage/s3_listing.ts";

Deno.test("readListing gives decoded paths and sizes, and how to go on", () => {
  const page = readListing(`<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>
<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;lt;b&#34;</NextContinuationToken>
<Contents><Key>models%2Fa+b%2B%3C.onnx</Key><Size>12</Size></Contents>
<Contents><Key>models%2F</Key><Size>0</Size></Contents></ListBucketResult>`);
  assert.deepEqual(page, {
    entries: [{ path: "models/a b+<.onnx", size: 12 }],
    next: 'a&lt;b"',
  });
});

Deno.test("readListing reads keys that are written with XML's entities", () => {
  const page = readListing(`<ListBucketResult><IsTruncated>false</IsTruncated>
<Contents><Key>a &amp; &lt;b&gt;+%20&#xFC;&#252;&#34;&what;</Key><Size>1</Size></Contents>
</ListBucketResult>`);
  assert.deepEqual(page?.entries, [{ path: 'a & <b>+%20üü"&what;', size: 1 }]);
});

Deno.test("readListing gives no next page at the end, and nothing for another text", () => {
  const last = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
  assert.deepEqual(readListing(last), { entries: [], next: undefined });
  assert.equal(readListing("<html>a proxy's page</html>"), undefined);
  assert.equal(readListing(""), undefined);
});
