#include "machine_usage.h"

#include <stdlib.h>

#include "bridge.h"
#include "domain.h"
#include "log.h"
#include "machine.h"
#include "machine_resource.h"
#include "manager.h"
#include "usage.h"
#include "worker.h"

enum {
	QEMU, // first: the machine is as old as it
	BRIDGE,
	RENDERER,
	PROCESSES,
};

struct machine_measurement {
	struct worker_job base;
	struct machine *machine; // the main loop's alone; NULL: it is gone
	struct usage_process processes[PROCESSES];
	struct usage usage;
	bool found;
};

static void run_measure(struct worker_job *base) {
	struct machine_measurement *job = wl_container_of(base, job, base);
	job->found = usage_read(&job->usage, job->processes, PROCESSES);
}

static void finish_measure(struct worker_job *base) {
	struct machine_measurement *job = wl_container_of(base, job, base);
	struct machine *machine = job->machine;
	if (machine != NULL) {
		machine->measurement = NULL;
		if (job->found && machine_is_live(machine)) {
			machine_send_usage(machine, &job->usage);
		}
	}
	free(job);
}

static struct usage_process to_measure(const struct process *process) {
	return (struct usage_process){process->pid, process->start_time};
}

void machine_measure(struct machine *machine) {
	struct manager *manager = machine->manager;
	if (machine->measurement != NULL || !machine_is_live(machine)) {
		return;
	}
	if (manager->meter == NULL) {
		manager->meter = worker_create(manager->hub);
		if (manager->meter == NULL) {
			log_error("nothing is measured: no thread can be made");
			return;
		}
	}
	struct machine_measurement *job = calloc(1, sizeof(*job));
	if (job == NULL) {
		abort();
	}
	job->base.run = run_measure;
	job->base.done = finish_measure;
	job->machine = machine;
	if (machine->domain != NULL) {
		job->processes[QEMU] = to_measure(&machine->domain->process);
	}
	if (machine->bridge != NULL) {
		job->processes[BRIDGE] = to_measure(&machine->bridge->process);
	}
	job->processes[RENDERER] = to_measure(&machine->renderer.process);
	machine->measurement = job;
	worker_submit(manager->meter, &job->base);
}

void machine_measure_forget(struct machine *machine) {
	if (machine->measurement != NULL) {
		machine->measurement->machine = NULL;
		machine->measurement = NULL;
	}
}
