import { addSidebar } from '../shared/editor/sidebar/sidebar';

// The editor loads plugins before the pages of the node types: this script needs nothing of theirs.
RED.plugins.registerPlugin('chatapp-sidebar', { onadd: addSidebar });
