// A process that holds the lock of a session until it is killed: argument 1 is the lock's file.
import sqlite3 from 'sqlite3';

const database = new sqlite3.Database(process.argv[2]);
database.exec('BEGIN EXCLUSIVE', (error) => process.send(error === null ? 'held' : error.message));
setInterval(() => database, 1000);
