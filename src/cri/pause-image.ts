// The pause image: what holds a pod's namespaces open while its containers come and go. It is made here, without a
// registry and without a compiler; docs/decisions/0003-own-containerd.md says why the program is written as machine code.

import { type Architecture, buildOciImage, type OciImage } from './oci-image.ts';

export const PAUSE_IMAGE = 'typernetes.io/pause:1';

/** The pause image for a machine of this architecture. */
export function pauseImage(architecture: Architecture): OciImage {
  return buildOciImage(
    {
      layers: [[{ type: 'file', path: 'pause', mode: 0o755, data: pauseProgram(architecture) }]],
      // No one in particular, as upstream's: the program needs no rights, and children are reaped without any.
      config: { entrypoint: ['/pause'], user: '65535:65535', env: ['PATH=/'] },
    },
    { architecture },
  );
}

/**
 * A static Linux program of 278 or 292 bytes. It blocks SIGINT, SIGTERM and SIGCHLD and then waits for them one by one:
 * a blocked signal reaches process 1 of a PID namespace too, where the kernel would drop one left at its default. At
 * SIGCHLD it collects every dead child (in a pod that shares its PID namespace, orphans become its children); at the
 * others it exits with 0.
 */
export function pauseProgram(architecture: Architecture): Uint8Array {
  const { machine, code } = PROGRAMS[architecture];
  const text = Buffer.from(code.join('').replaceAll(' ', ''), 'hex');
  const headersBytes = 64 + 2 * 56;
  const program = Buffer.alloc(headersBytes);
  // ELF header: 64 bits, little end first, an executable whose code starts right behind the headers.
  program.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  program.writeUInt16LE(2, 16);
  program.writeUInt16LE(machine, 18);
  program.writeUInt32LE(1, 20);
  program.writeBigUInt64LE(LOAD_ADDRESS + BigInt(headersBytes), 24);
  program.writeBigUInt64LE(64n, 32);
  program.writeUInt16LE(64, 52);
  program.writeUInt16LE(56, 54);
  program.writeUInt16LE(2, 56);
  // PT_LOAD, readable and executable: the whole file at the load address, aligned for pages of up to 64 KiB.
  program.writeUInt32LE(1, 64);
  program.writeUInt32LE(5, 68);
  program.writeBigUInt64LE(LOAD_ADDRESS, 80);
  program.writeBigUInt64LE(LOAD_ADDRESS, 88);
  program.writeBigUInt64LE(BigInt(headersBytes + text.length), 96);
  program.writeBigUInt64LE(BigInt(headersBytes + text.length), 104);
  program.writeBigUInt64LE(0x10000n, 112);
  // PT_GNU_STACK, readable and writable: a stack that nothing is executed from.
  program.writeUInt32LE(0x6474e551, 120);
  program.writeUInt32LE(6, 124);
  return Buffer.concat([program, text]);
}

const LOAD_ADDRESS = 0x400000n;

/** Each line is one system call with what leads to it; jumps and addresses are relative. Machines: EM_X86_64, EM_AARCH64. */
const PROGRAMS: Readonly<Record<Architecture, { readonly machine: number; readonly code: readonly string[] }>> = {
  amd64: {
    machine: 62,
    code: [
      // rt_sigprocmask(SIG_BLOCK, set, NULL, 8)
      'b80e000000 31ff 488d3550000000 31d2 41ba08000000 0f05',
      // wait: signal = rt_sigtimedwait(set, NULL, NULL, 8)
      'b880000000 488d3d3a000000 31f6 31d2 41ba08000000 0f05',
      // signal == SIGCHLD: go to reap; signal < 0, interrupted: go to wait
      '83f811 740d 85c0 78df',
      // exit_group(0)
      'b8e7000000 31ff 0f05',
      // reap: pid = wait4(-1, NULL, WNOHANG, NULL)
      'b83d000000 bfffffffff 31f6 ba01000000 4531d2 0f05',
      // pid > 0: go to reap; otherwise: go to wait
      '85c0 7fe6 ebba',
      // set: SIGINT (2), SIGTERM (15), SIGCHLD (17)
      '0240010000000000',
    ],
  },
  arm64: {
    machine: 183,
    code: [
      // rt_sigprocmask(SIG_BLOCK, set, NULL, 8)
      'e81080d2 000080d2 21030010 020080d2 030180d2 010000d4',
      // wait: signal = rt_sigtimedwait(set, NULL, NULL, 8)
      '281180d2 80020010 010080d2 020080d2 030180d2 010000d4',
      // signal == SIGCHLD: go to reap; signal < 0, interrupted: go to wait
      '1f440071 a0000054 00ffff37',
      // exit_group(0)
      'c80b80d2 000080d2 010000d4',
      // reap: pid = wait4(-1, NULL, WNOHANG, NULL)
      '882080d2 00008092 010080d2 220080d2 030080d2 010000d4',
      // pid > 0: go to reap; otherwise: go to wait
      '1f000071 2cffff54 ecffff17',
      // set: SIGINT (2), SIGTERM (15), SIGCHLD (17)
      '0240010000000000',
    ],
  },
};
