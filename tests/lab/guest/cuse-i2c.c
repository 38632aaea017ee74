/*
 * cuse-i2c BUS SOCKET: serves /dev/i2c-BUS as the kernel's i2c-dev driver does, and hands every transfer to whoever
 * listens on the UNIX socket SOCKET and plays the devices on the bus. With nobody there, no address acknowledges.
 * Ended, it takes the device file with it, as a pulled USB adapter would.
 *
 * One transfer is one question and one answer, in the order of the bus:
 *   question: flags (1: read, 2: the last of a combined transfer, so a STOP follows, 4: no transfer, but may the address
 *             be used), address, length as two bytes with the low one first, and the bytes of a write
 *   answer:   0 or the errno that the driver reports, and the bytes of a read
 */
#define FUSE_USE_VERSION 31

#include <cuse_lowlevel.h>
#include <errno.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { FLAG_READ = 1, FLAG_LAST = 2, FLAG_CLAIM = 4 };
/* What bcm2835's driver reports when an address or a byte is not acknowledged. */
enum { NOT_ACKNOWLEDGED = EREMOTEIO };
/* i2c-dev takes no longer transfers, and no more messages at a time. */
enum { LENGTH_LIMIT = 8192, MESSAGES_LIMIT = I2C_RDWR_IOCTL_MAX_MSGS };
/* A device that stretches the clock longer has hung the bus; the kernel's default is a second, too. */
enum { ANSWER_TIMEOUT_S = 1 };

static const char *socket_path;
static int player = -1;

struct handle {
  uint16_t address;
};

static void hang_up(void) {
  if (player >= 0) close(player);
  player = -1;
}

static bool call(void) {
  if (player >= 0) return true;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
  player = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval timeout = {.tv_sec = ANSWER_TIMEOUT_S};
  setsockopt(player, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  if (connect(player, (struct sockaddr *)&address, sizeof address) == 0) return true;
  hang_up();
  return false;
}

static bool send_all(const void *bytes, size_t length) {
  return length == 0 || send(player, bytes, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static bool receive_all(void *bytes, size_t length) {
  return length == 0 || recv(player, bytes, length, MSG_WAITALL) == (ssize_t)length;
}

static bool ask(uint8_t flags, uint16_t address, const void *bytes, uint16_t length, uint8_t *answer) {
  errno = 0;
  uint8_t question[] = {flags, (uint8_t)address, length & 0xff, length >> 8};
  return call() && send_all(question, sizeof question) && (flags & FLAG_READ || send_all(bytes, length)) &&
         receive_all(answer, 1);
}

/* Makes one transfer; 0 or a negative errno. */
static int transfer(uint8_t flags, uint16_t address, uint8_t *bytes, uint16_t length) {
  uint8_t answer;
  if (!ask(flags, address, bytes, length, &answer)) {
    bool late = errno == EAGAIN && player >= 0;
    hang_up();
    if (late) return -ETIMEDOUT;
    /* Whoever played before may have left; somebody else may be there now. */
    if (!ask(flags, address, bytes, length, &answer)) {
      hang_up();
      return -NOT_ACKNOWLEDGED;
    }
  }
  if (answer != 0) return -answer;
  if (flags & FLAG_READ && !receive_all(bytes, length)) {
    hang_up();
    return -ETIMEDOUT;
  }
  return 0;
}

static void on_open(fuse_req_t request, struct fuse_file_info *file) {
  struct handle *handle = calloc(1, sizeof *handle);
  if (handle == NULL) {
    fuse_reply_err(request, ENOMEM);
    return;
  }
  file->fh = (uintptr_t)handle;
  fuse_reply_open(request, file);
}

static void on_release(fuse_req_t request, struct fuse_file_info *file) {
  free((void *)(uintptr_t)file->fh);
  fuse_reply_err(request, 0);
}

static struct handle *handle_of(struct fuse_file_info *file) { return (struct handle *)(uintptr_t)file->fh; }

static void on_read(fuse_req_t request, size_t size, off_t offset, struct fuse_file_info *file) {
  (void)offset;
  static uint8_t bytes[LENGTH_LIMIT];
  if (size > sizeof bytes) size = sizeof bytes;
  int status = transfer(FLAG_READ | FLAG_LAST, handle_of(file)->address, bytes, (uint16_t)size);
  if (status < 0) fuse_reply_err(request, -status);
  else fuse_reply_buf(request, (char *)bytes, size);
}

static void on_write(fuse_req_t request, const char *bytes, size_t size, off_t offset, struct fuse_file_info *file) {
  (void)offset;
  if (size > LENGTH_LIMIT) size = LENGTH_LIMIT;
  int status = transfer(FLAG_LAST, handle_of(file)->address, (uint8_t *)bytes, (uint16_t)size);
  if (status < 0) fuse_reply_err(request, -status);
  else fuse_reply_write(request, size);
}

/* One SMBus transfer made of plain ones, as the kernel's i2c_smbus_xfer_emulated makes it. */
static int smbus(uint16_t address, const struct i2c_smbus_ioctl_data *wanted, union i2c_smbus_data *data) {
  uint8_t bytes[I2C_SMBUS_BLOCK_MAX + 2] = {wanted->command};
  bool reads = wanted->read_write == I2C_SMBUS_READ;
  uint16_t length;
  switch (wanted->size) {
    case I2C_SMBUS_QUICK: return transfer(FLAG_LAST | (reads ? FLAG_READ : 0), address, bytes, 0);
    case I2C_SMBUS_BYTE:
      if (!reads) return transfer(FLAG_LAST, address, bytes, 1);
      return transfer(FLAG_LAST | FLAG_READ, address, &data->byte, 1);
    case I2C_SMBUS_BYTE_DATA: length = 1; break;
    case I2C_SMBUS_WORD_DATA: length = 2; break;
    case I2C_SMBUS_I2C_BLOCK_DATA:
      length = data->block[0];
      if (length > I2C_SMBUS_BLOCK_MAX) return -EINVAL;
      break;
    default: return -EOPNOTSUPP;
  }
  /* The bytes of a word lie in it with the low one first, which is also their order on the bus. */
  uint8_t *payload = wanted->size == I2C_SMBUS_I2C_BLOCK_DATA ? data->block + 1 : data->block;
  if (!reads) {
    memcpy(bytes + 1, payload, length);
    return transfer(FLAG_LAST, address, bytes, length + 1);
  }
  int status = transfer(0, address, bytes, 1);
  return status < 0 ? status : transfer(FLAG_LAST | FLAG_READ, address, payload, length);
}

static void on_smbus(fuse_req_t request, struct fuse_file_info *file, void *argument, const uint8_t *in, size_t in_size,
                     size_t out_size) {
  struct iovec inputs[2] = {{argument, sizeof(struct i2c_smbus_ioctl_data)}};
  if (in_size == 0) {
    fuse_reply_ioctl_retry(request, inputs, 1, NULL, 0);
    return;
  }
  struct i2c_smbus_ioctl_data wanted;
  memcpy(&wanted, in, sizeof wanted);
  union i2c_smbus_data data = {0};
  bool has_data = wanted.data != NULL;
  if (has_data && (in_size == sizeof wanted || out_size == 0)) {
    inputs[1] = (struct iovec){wanted.data, sizeof data};
    fuse_reply_ioctl_retry(request, inputs, 2, inputs + 1, 1);
    return;
  }
  if (has_data) memcpy(&data, in + sizeof wanted, sizeof data);
  int status = smbus(handle_of(file)->address, &wanted, &data);
  if (status < 0) fuse_reply_err(request, -status);
  else fuse_reply_ioctl(request, 0, has_data ? &data : NULL, has_data ? sizeof data : 0);
}

/* Makes the messages of a combined transfer; `bytes` holds what the writes write, `answer` takes what the reads read. */
static int combined(const struct i2c_msg *messages, uint32_t count, const uint8_t *bytes, uint8_t *answer) {
  for (uint32_t index = 0; index < count; index += 1) {
    const struct i2c_msg *message = &messages[index];
    bool reads = message->flags & I2C_M_RD;
    uint8_t flags = (reads ? FLAG_READ : 0) | (index + 1 == count ? FLAG_LAST : 0);
    int status = transfer(flags, message->addr, reads ? answer : (uint8_t *)bytes, message->len);
    if (status < 0) return status;
    if (reads) answer += message->len;
    else bytes += message->len;
  }
  return (int)count;
}

/*
 * The messages lie in the caller's memory, which is told of in three steps: where the list is, where the messages are,
 * where their bytes are. Each step asks the kernel to call again with more of them.
 */
static void on_rdwr(fuse_req_t request, struct fuse_file_info *file, void *argument, const uint8_t *in, size_t in_size,
                    size_t out_size) {
  (void)file;
  struct iovec inputs[MESSAGES_LIMIT + 2] = {{argument, sizeof(struct i2c_rdwr_ioctl_data)}};
  struct iovec outputs[MESSAGES_LIMIT];
  if (in_size == 0) {
    fuse_reply_ioctl_retry(request, inputs, 1, NULL, 0);
    return;
  }
  struct i2c_rdwr_ioctl_data list;
  memcpy(&list, in, sizeof list);
  if (list.nmsgs > MESSAGES_LIMIT) {
    fuse_reply_err(request, EINVAL);
    return;
  }
  size_t messages_size = list.nmsgs * sizeof(struct i2c_msg);
  inputs[1] = (struct iovec){list.msgs, messages_size};
  if (in_size == sizeof list && messages_size > 0) {
    fuse_reply_ioctl_retry(request, inputs, 2, NULL, 0);
    return;
  }
  struct i2c_msg messages[MESSAGES_LIMIT];
  memcpy(messages, in + sizeof list, messages_size);
  size_t writes = 0, reads = 0, write_bytes = 0, read_bytes = 0;
  for (uint32_t index = 0; index < list.nmsgs; index += 1) {
    struct iovec part = {messages[index].buf, messages[index].len};
    if (part.iov_len > LENGTH_LIMIT) {
      fuse_reply_err(request, EINVAL);
      return;
    }
    if (part.iov_len == 0) continue;
    if (messages[index].flags & I2C_M_RD) {
      outputs[reads++] = part;
      read_bytes += part.iov_len;
    } else {
      inputs[2 + writes++] = part;
      write_bytes += part.iov_len;
    }
  }
  if (in_size < sizeof list + messages_size + write_bytes || out_size < read_bytes) {
    fuse_reply_ioctl_retry(request, inputs, 2 + writes, outputs, reads);
    return;
  }
  uint8_t *answer = malloc(read_bytes + 1);
  if (answer == NULL) {
    fuse_reply_err(request, ENOMEM);
    return;
  }
  int status = combined(messages, list.nmsgs, in + sizeof list + messages_size, answer);
  if (status < 0) fuse_reply_err(request, -status);
  else fuse_reply_ioctl(request, status, answer, read_bytes);
  free(answer);
}

/* i2c-dev refuses an address that a kernel driver has, unless it is forced. */
static void on_address(fuse_req_t request, struct fuse_file_info *file, uintptr_t address, bool forced) {
  if (address > 0x7f) {
    fuse_reply_err(request, EINVAL);
    return;
  }
  if (!forced && transfer(FLAG_CLAIM, (uint16_t)address, NULL, 0) == -EBUSY) {
    fuse_reply_err(request, EBUSY);
    return;
  }
  handle_of(file)->address = (uint16_t)address;
  fuse_reply_ioctl(request, 0, NULL, 0);
}

static void on_ioctl(fuse_req_t request, int command, void *argument, struct fuse_file_info *file, unsigned int flags,
                     const void *in, size_t in_size, size_t out_size) {
  (void)flags;
  unsigned long functions = I2C_FUNC_I2C | I2C_FUNC_SMBUS_QUICK | I2C_FUNC_SMBUS_BYTE | I2C_FUNC_SMBUS_BYTE_DATA |
                            I2C_FUNC_SMBUS_WORD_DATA | I2C_FUNC_SMBUS_I2C_BLOCK;
  switch (command) {
    case I2C_SLAVE:
    case I2C_SLAVE_FORCE: on_address(request, file, (uintptr_t)argument, command == I2C_SLAVE_FORCE); return;
    case I2C_FUNCS:
      if (out_size == 0) {
        struct iovec output = {argument, sizeof functions};
        fuse_reply_ioctl_retry(request, NULL, 0, &output, 1);
      } else {
        fuse_reply_ioctl(request, 0, &functions, sizeof functions);
      }
      return;
    case I2C_SMBUS: on_smbus(request, file, argument, in, in_size, out_size); return;
    case I2C_RDWR: on_rdwr(request, file, argument, in, in_size, out_size); return;
    case I2C_RETRIES:
    case I2C_TIMEOUT:
    case I2C_TENBIT:
    case I2C_PEC: fuse_reply_ioctl(request, 0, NULL, 0); return;
    default: fuse_reply_err(request, ENOTTY);
  }
}

int main(int count, char **words) {
  if (count != 3) {
    fprintf(stderr, "usage: cuse-i2c BUS SOCKET\n");
    return 2;
  }
  socket_path = words[2];
  char name[64];
  snprintf(name, sizeof name, "DEVNAME=i2c-%s", words[1]);
  const char *device[] = {name};
  const struct cuse_info info = {.dev_info_argc = 1, .dev_info_argv = device, .flags = CUSE_UNRESTRICTED_IOCTL};
  const struct cuse_lowlevel_ops operations = {
      .open = on_open, .release = on_release, .read = on_read, .write = on_write, .ioctl = on_ioctl};
  /* In the foreground, and one transfer at a time, as on a bus. */
  char *options[] = {words[0], "-f", "-s"};
  return cuse_lowlevel_main(3, options, &info, &operations, NULL);
}
