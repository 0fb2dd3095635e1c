// A file that is chosen is put where rows are typed: what is sent is what one sees. Offices write UTF-8, or the
// code page of Windows.
const field = document.querySelector("[data-file]");

async function read(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return new TextDecoder(bytes[0] === 0xff ? "utf-16le" : "utf-16be").decode(bytes);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

field.hidden = false;
field.querySelector("input").addEventListener("change", async ({ target }) => {
  if (target.files.length) document.getElementById("rows").value = await read(target.files[0]);
});
