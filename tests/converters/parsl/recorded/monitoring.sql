BEGIN TRANSACTION;
CREATE TABLE block (
	run_id TEXT NOT NULL, 
	executor_label TEXT NOT NULL, 
	block_id TEXT NOT NULL, 
	job_id TEXT, 
	timestamp DATETIME NOT NULL, 
	status TEXT NOT NULL, 
	PRIMARY KEY (run_id, block_id, executor_label, timestamp)
);
INSERT INTO "block" VALUES('0301a12b-9edd-4d19-a9b2-a6213be13dda','htex','0','15188','2026-11-27 13:15:34.995357','PENDING');
INSERT INTO "block" VALUES('0301a12b-9edd-4d19-a9b2-a6213be13dda','htex','0','15188','2026-11-27 13:15:38.719953','SCALED_IN');
CREATE TABLE node (
	id INTEGER NOT NULL, 
	run_id TEXT NOT NULL, 
	hostname TEXT NOT NULL, 
	uid TEXT NOT NULL, 
	block_id TEXT NOT NULL, 
	cpu_count INTEGER NOT NULL, 
	total_memory BIGINT NOT NULL, 
	active BOOLEAN NOT NULL, 
	worker_count INTEGER NOT NULL, 
	python_v TEXT NOT NULL, 
	timestamp DATETIME NOT NULL, 
	last_heartbeat DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "node" VALUES(1,'0301a12b-9edd-4d19-a9b2-a6213be13dda','vm','7f6b27c288b8','0',2,25276502016,1,1,'3.11.7','2026-11-27 13:15:37.511207','2026-11-27 13:15:37.511034');
INSERT INTO "node" VALUES(2,'0301a12b-9edd-4d19-a9b2-a6213be13dda','vm','7f6b27c288b8','0',2,25276502016,1,1,'3.11.7','2026-11-27 13:15:37.515781','2026-11-27 13:15:37.511034');
INSERT INTO "node" VALUES(3,'0301a12b-9edd-4d19-a9b2-a6213be13dda','vm','7f6b27c288b8','0',2,25276502016,1,1,'3.11.7','2026-11-27 13:15:38.448471','2026-11-27 13:15:37.511034');
INSERT INTO "node" VALUES(4,'0301a12b-9edd-4d19-a9b2-a6213be13dda','vm','7f6b27c288b8','0',2,25276502016,1,1,'3.11.7','2026-11-27 13:15:38.448692','2026-11-27 13:15:37.511034');
INSERT INTO "node" VALUES(5,'0301a12b-9edd-4d19-a9b2-a6213be13dda','vm','7f6b27c288b8','0',2,25276502016,1,1,'3.11.7','2026-11-27 13:15:38.486077','2026-11-27 13:15:37.511034');
INSERT INTO "node" VALUES(6,'0301a12b-9edd-4d19-a9b2-a6213be13dda','vm','7f6b27c288b8','0',2,25276502016,1,1,'3.11.7','2026-11-27 13:15:38.489985','2026-11-27 13:15:37.511034');
INSERT INTO "node" VALUES(7,'0301a12b-9edd-4d19-a9b2-a6213be13dda','vm','7f6b27c288b8','0',2,25276502016,1,1,'3.11.7','2026-11-27 13:15:38.560561','2026-11-27 13:15:37.511034');
INSERT INTO "node" VALUES(8,'0301a12b-9edd-4d19-a9b2-a6213be13dda','vm','7f6b27c288b8','0',2,25276502016,1,1,'3.11.7','2026-11-27 13:15:38.564693','2026-11-27 13:15:37.511034');
INSERT INTO "node" VALUES(9,'0301a12b-9edd-4d19-a9b2-a6213be13dda','vm','7f6b27c288b8','0',2,25276502016,1,1,'3.11.7','2026-11-27 13:15:38.606326','2026-11-27 13:15:37.511034');
INSERT INTO "node" VALUES(10,'0301a12b-9edd-4d19-a9b2-a6213be13dda','vm','7f6b27c288b8','0',2,25276502016,1,1,'3.11.7','2026-11-27 13:15:38.610789','2026-11-27 13:15:37.511034');
INSERT INTO "node" VALUES(11,'0301a12b-9edd-4d19-a9b2-a6213be13dda','vm','7f6b27c288b8','0',2,25276502016,1,1,'3.11.7','2026-11-27 13:15:38.690647','2026-11-27 13:15:37.511034');
INSERT INTO "node" VALUES(12,'0301a12b-9edd-4d19-a9b2-a6213be13dda','vm','7f6b27c288b8','0',2,25276502016,0,1,'3.11.7','2026-11-27 13:15:38.694476','2026-11-27 13:15:37.511034');
CREATE TABLE resource (
	try_id INTEGER NOT NULL, 
	task_id INTEGER NOT NULL, 
	run_id TEXT NOT NULL, 
	timestamp DATETIME NOT NULL, 
	resource_monitoring_interval FLOAT, 
	psutil_process_pid INTEGER, 
	psutil_process_memory_percent FLOAT, 
	psutil_process_children_count FLOAT, 
	psutil_process_time_user FLOAT, 
	psutil_process_time_system FLOAT, 
	psutil_process_memory_virtual FLOAT, 
	psutil_process_memory_resident FLOAT, 
	psutil_process_disk_read FLOAT, 
	psutil_process_disk_write FLOAT, 
	psutil_process_status TEXT, 
	psutil_cpu_num TEXT, 
	psutil_process_num_ctx_switches_voluntary FLOAT, 
	psutil_process_num_ctx_switches_involuntary FLOAT, 
	PRIMARY KEY (try_id, task_id, run_id, timestamp), 
	FOREIGN KEY(run_id) REFERENCES workflow (run_id)
);
INSERT INTO "resource" VALUES(0,0,'0301a12b-9edd-4d19-a9b2-a6213be13dda','2026-11-27 13:15:38.422773',1.0,15228,0.478624201732582,1.0,0.53,0.05,149733376.0,120999936.0,15480880.0,7745.0,'sleeping','1',29.0,257.0);
INSERT INTO "resource" VALUES(0,0,'0301a12b-9edd-4d19-a9b2-a6213be13dda','2026-11-27 13:15:38.439505',1.0,15228,4.78705225602051864797e-01,1.0,0.54,0.05,149733376.0,120999936.0,15895113.0,9015.0,'sleeping','1',31.0,271.0);
INSERT INTO "resource" VALUES(0,1,'0301a12b-9edd-4d19-a9b2-a6213be13dda','2026-11-27 13:15:38.476879',1.0,15228,4.79191368818871310519e-01,1.0,0.52,6.00000000000000047184e-02,300769280.0,121122816.0,16354241.0,18738.0,'sleeping','1',41.0,256.0);
INSERT INTO "resource" VALUES(0,2,'0301a12b-9edd-4d19-a9b2-a6213be13dda','2026-11-27 13:15:38.534036',1.0,15228,4.79256187914447240316e-01,1.0,0.52,6.00000000000000047184e-02,300769280.0,121139200.0,16789830.0,28531.0,'sleeping','0',49.0,261.0);
INSERT INTO "resource" VALUES(0,3,'0301a12b-9edd-4d19-a9b2-a6213be13dda','2026-11-27 13:15:38.594995',1.0,15228,4.79256187914447240316e-01,1.0,0.52,6.99999999999999927835e-02,300769280.0,121139200.0,17222496.0,37556.0,'sleeping','0',62.0,264.0);
INSERT INTO "resource" VALUES(1,3,'0301a12b-9edd-4d19-a9b2-a6213be13dda','2026-11-27 13:15:38.653653',1.0,15228,4.79337211783917138685e-01,1.0,0.53,6.99999999999999927835e-02,300810240.0,121159680.0,17658110.0,47366.0,'sleeping','0',61.0,273.0);
CREATE TABLE status (
	task_id INTEGER NOT NULL, 
	task_status_name TEXT NOT NULL, 
	timestamp DATETIME NOT NULL, 
	run_id TEXT NOT NULL, 
	try_id INTEGER NOT NULL, 
	PRIMARY KEY (task_id, run_id, task_status_name, timestamp), 
	FOREIGN KEY(run_id) REFERENCES workflow (run_id)
);
INSERT INTO "status" VALUES(0,'pending','2026-11-27 13:15:30.647068','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(1,'pending','2026-11-27 13:15:30.675014','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(2,'pending','2026-11-27 13:15:30.683341','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(0,'launched','2026-11-27 13:15:30.684040','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(1,'launched','2026-11-27 13:15:30.687391','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(0,'exec_done','2026-11-27 13:15:38.449185','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(1,'exec_done','2026-11-27 13:15:38.485769','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(2,'launched','2026-11-27 13:15:38.490913','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(2,'exec_done','2026-11-27 13:15:38.560283','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(3,'pending','2026-11-27 13:15:38.561101','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(3,'launched','2026-11-27 13:15:38.566702','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(3,'fail_retryable','2026-11-27 13:15:38.606996','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(3,'pending','2026-11-27 13:15:38.608139','0301a12b-9edd-4d19-a9b2-a6213be13dda',1);
INSERT INTO "status" VALUES(3,'launched','2026-11-27 13:15:38.612527','0301a12b-9edd-4d19-a9b2-a6213be13dda',1);
INSERT INTO "status" VALUES(3,'failed','2026-11-27 13:15:38.692130','0301a12b-9edd-4d19-a9b2-a6213be13dda',1);
INSERT INTO "status" VALUES(0,'running','2026-11-27 13:15:38.392809','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(1,'running','2026-11-27 13:15:38.450822','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(2,'running','2026-11-27 13:15:38.492460','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(3,'running','2026-11-27 13:15:38.566453','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(3,'running','2026-11-27 13:15:38.612090','0301a12b-9edd-4d19-a9b2-a6213be13dda',1);
INSERT INTO "status" VALUES(0,'running_ended','2026-11-27 13:15:38.445926','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(1,'running_ended','2026-11-27 13:15:38.483262','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(2,'running_ended','2026-11-27 13:15:38.557254','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(3,'running_ended','2026-11-27 13:15:38.603700','0301a12b-9edd-4d19-a9b2-a6213be13dda',0);
INSERT INTO "status" VALUES(3,'running_ended','2026-11-27 13:15:38.686783','0301a12b-9edd-4d19-a9b2-a6213be13dda',1);
CREATE TABLE task (
	task_id INTEGER NOT NULL, 
	run_id TEXT NOT NULL, 
	task_depends TEXT, 
	task_func_name TEXT NOT NULL, 
	task_memoize TEXT NOT NULL, 
	task_hashsum TEXT, 
	task_inputs TEXT, 
	task_outputs TEXT, 
	task_stdin TEXT, 
	task_stdout TEXT, 
	task_stderr TEXT, 
	task_time_invoked DATETIME, 
	task_time_returned DATETIME, 
	task_fail_count INTEGER NOT NULL, 
	task_fail_cost FLOAT NOT NULL, 
	PRIMARY KEY (task_id, run_id)
);
INSERT INTO "task" VALUES(0,'0301a12b-9edd-4d19-a9b2-a6213be13dda','','count','0',NULL,'[<File at 0x7f0a3a0a6950 url=a.txt scheme=file netloc= path=a.txt filename=a.txt>]','[<File at 0x7f0a3bdacb90 url=a.count scheme=file netloc= path=a.count filename=a.count>]',NULL,'/tmp/parsl-run/runinfo/000/task_logs/0000/task_0000_count.stdout','','2026-11-27 13:15:30.645612','2026-11-27 13:15:38.449088',0,0.0);
INSERT INTO "task" VALUES(1,'0301a12b-9edd-4d19-a9b2-a6213be13dda','','count','0',NULL,'[<File at 0x7f0a39e31310 url=b.txt scheme=file netloc= path=b.txt filename=b.txt>]','[<File at 0x7f0a3a94ce90 url=b.count scheme=file netloc= path=b.count filename=b.count>]',NULL,'/tmp/parsl-run/runinfo/000/task_logs/0000/task_0001_count.stdout','','2026-11-27 13:15:30.662577','2026-11-27 13:15:38.485703',0,0.0);
INSERT INTO "task" VALUES(2,'0301a12b-9edd-4d19-a9b2-a6213be13dda','0,1','join','0',NULL,'[<File at 0x7f0a39e30150 url=a.count scheme=file netloc= path=a.count filename=a.count>, <File at 0x7f0a3a0a7c90 url=b.count scheme=file netloc= path=b.count filename=b.count>]','[<File at 0x7f0a39e31810 url=whole.txt scheme=file netloc= path=whole.txt filename=whole.txt>]',NULL,'','','2026-11-27 13:15:30.675353','2026-11-27 13:15:38.560216',0,0.0);
INSERT INTO "task" VALUES(3,'0301a12b-9edd-4d19-a9b2-a6213be13dda','','fail','0',NULL,'None','None',NULL,'','','2026-11-27 13:15:38.560860','2026-11-27 13:15:38.692049',2,2.0);
CREATE TABLE try (
	try_id INTEGER NOT NULL, 
	task_id INTEGER NOT NULL, 
	run_id TEXT NOT NULL, 
	block_id TEXT, 
	hostname TEXT, 
	task_executor TEXT NOT NULL, 
	task_try_time_launched DATETIME, 
	task_try_time_running DATETIME, 
	task_try_time_returned DATETIME, 
	task_fail_history TEXT, 
	task_joins TEXT, 
	PRIMARY KEY (try_id, task_id, run_id)
);
INSERT INTO "try" VALUES(0,0,'0301a12b-9edd-4d19-a9b2-a6213be13dda','0','vm','htex','2026-11-27 13:15:30.648269','2026-11-27 13:15:38.392809','2026-11-27 13:15:38.449052','',NULL);
INSERT INTO "try" VALUES(0,1,'0301a12b-9edd-4d19-a9b2-a6213be13dda','0','vm','htex','2026-11-27 13:15:30.684272','2026-11-27 13:15:38.450822','2026-11-27 13:15:38.485679','',NULL);
INSERT INTO "try" VALUES(0,2,'0301a12b-9edd-4d19-a9b2-a6213be13dda','0','vm','htex','2026-11-27 13:15:38.487246','2026-11-27 13:15:38.492460','2026-11-27 13:15:38.560198','',NULL);
INSERT INTO "try" VALUES(0,3,'0301a12b-9edd-4d19-a9b2-a6213be13dda','0','vm','htex','2026-11-27 13:15:38.562372','2026-11-27 13:15:38.566453','2026-11-27 13:15:38.606732','ValueError(''not 3'')',NULL);
INSERT INTO "try" VALUES(1,3,'0301a12b-9edd-4d19-a9b2-a6213be13dda','0','vm','htex','2026-11-27 13:15:38.608422','2026-11-27 13:15:38.612090','2026-11-27 13:15:38.689989','ValueError(''not 3'')',NULL);
CREATE TABLE workflow (
	run_id TEXT NOT NULL, 
	workflow_name TEXT, 
	workflow_version TEXT, 
	time_began DATETIME NOT NULL, 
	time_completed DATETIME, 
	host TEXT NOT NULL, 
	user TEXT NOT NULL, 
	rundir TEXT NOT NULL, 
	tasks_failed_count INTEGER NOT NULL, 
	tasks_completed_count INTEGER NOT NULL, 
	PRIMARY KEY (run_id)
);
INSERT INTO "workflow" VALUES('0301a12b-9edd-4d19-a9b2-a6213be13dda','letters.py','1.0','2026-11-27 13:15:24.952051','2026-11-27 13:15:38.934134','vm','root','/tmp/parsl-run/runinfo/000',1,3);
CREATE INDEX ix_task_task_hashsum ON task (task_hashsum);
COMMIT;
