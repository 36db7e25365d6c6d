// The page of imports, and of one file's preview. See app.js for what all pages share.
export {};
