/*
 * A PKCS#11 library around another one (SoftHSM2): a token that locks, and that can be pulled out in mid-signature.
 *
 * SoftHSM2 counts no wrong PINs and cannot vanish while it works. This one counts them across processes, as a device
 * does, in the file STUBBORN_TOKEN_STATE, and shows the flags that PKCS#11 (v2.40, CK_TOKEN_INFO) names for it. Only
 * what the agent calls is changed; everything else is the library named by STUBBORN_TOKEN_OVER.
 *
 *   STUBBORN_TOKEN_OVER    path of the real library
 *   STUBBORN_TOKEN_STATE   file with the number of wrong PINs in a row
 *   STUBBORN_TOKEN_TRIES   how many wrong PINs lock it
 *   STUBBORN_TOKEN_LEAVES  file with the number of signatures after which the token is gone; without it, it stays
 *
 * Written from the specification; the few types it needs are declared here so that no header has to be installed.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long ulong;
typedef unsigned char byte;
typedef ulong (*get_list)(void **);

/* Places in CK_FUNCTION_LIST (v2.40) counted from C_Initialize, in the order of the specification. */
enum { GET_TOKEN_INFO = 6, LOGIN = 18, SIGN = 43, FUNCTIONS = 68 };

enum {
    CKR_DEVICE_REMOVED = 0x32,
    CKR_PIN_INCORRECT = 0xA0,
    CKR_PIN_LOCKED = 0xA4,
    CKR_GENERAL_ERROR = 0x05,
    CKF_USER_PIN_COUNT_LOW = 0x10000,
    CKF_USER_PIN_FINAL_TRY = 0x20000,
    CKF_USER_PIN_LOCKED = 0x40000
};

typedef struct {
    byte version[2];
    void *functions[FUNCTIONS];
} function_list;

/* CK_TOKEN_INFO up to its flags: label, maker, model and serial are fixed fields of text before them. */
typedef struct {
    byte texts[32 + 32 + 16 + 16];
    ulong flags;
} token_info_head;

static function_list list;
static function_list *real;

static long number_in(const char *variable, long otherwise) {
    const char *path = getenv(variable);
    FILE *file = path ? fopen(path, "r") : NULL;
    long number = otherwise;
    if (file) {
        if (fscanf(file, "%ld", &number) != 1) number = otherwise;
        fclose(file);
    }
    return number;
}

static void keep(const char *variable, long number) {
    const char *path = getenv(variable);
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld", number);
        fclose(file);
    }
}

static long tries(void) {
    const char *text = getenv("STUBBORN_TOKEN_TRIES");
    return text ? atol(text) : 3;
}

static ulong token_info(ulong slot, void *info) {
    ulong answer = ((ulong (*)(ulong, void *))real->functions[GET_TOKEN_INFO])(slot, info);
    long wrong = number_in("STUBBORN_TOKEN_STATE", 0);
    if (answer == 0 && wrong > 0) {
        token_info_head *head = info;
        head->flags |= CKF_USER_PIN_COUNT_LOW;
        if (wrong == tries() - 1) head->flags |= CKF_USER_PIN_FINAL_TRY;
        if (wrong >= tries()) head->flags |= CKF_USER_PIN_LOCKED;
    }
    return answer;
}

static ulong login(ulong session, ulong who, byte *pin, ulong length) {
    long wrong = number_in("STUBBORN_TOKEN_STATE", 0);
    ulong answer;
    if (wrong >= tries()) return CKR_PIN_LOCKED;
    answer = ((ulong (*)(ulong, ulong, byte *, ulong))real->functions[LOGIN])(session, who, pin, length);
    if (answer == CKR_PIN_INCORRECT) keep("STUBBORN_TOKEN_STATE", wrong + 1);
    if (answer == 0) keep("STUBBORN_TOKEN_STATE", 0);
    return answer;
}

static ulong sign(ulong session, byte *data, ulong length, byte *signature, ulong *room) {
    static long signatures = 0;
    long leaves = number_in("STUBBORN_TOKEN_LEAVES", -1);
    ulong answer;
    if (leaves >= 0 && signatures >= leaves) return CKR_DEVICE_REMOVED;
    answer = ((ulong (*)(ulong, byte *, ulong, byte *, ulong *))real->functions[SIGN])(session, data, length, signature, room);
    if (answer == 0 && signature) signatures++; /* a call without room only asks how much is needed */
    return answer;
}

ulong C_GetFunctionList(function_list **found) {
    const char *path = getenv("STUBBORN_TOKEN_OVER");
    void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    get_list ask = library ? (get_list)dlsym(library, "C_GetFunctionList") : NULL;
    if (!ask || ask((void **)&real) != 0) return CKR_GENERAL_ERROR;
    list = *real;
    list.functions[GET_TOKEN_INFO] = (void *)token_info;
    list.functions[LOGIN] = (void *)login;
    list.functions[SIGN] = (void *)sign;
    *found = &list;
    return 0;
}
