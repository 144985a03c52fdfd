// Node-RED's settings, the same for all instances.
module.exports = {
  flowFile: 'flows.json',
  // flows_cred.json holds nothing but names of environment variables: there is nothing to encrypt.
  credentialSecret: false,
  uiPort: process.env.PORT || 1880,
};
