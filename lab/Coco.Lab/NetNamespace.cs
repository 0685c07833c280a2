using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coco.Lab;

/// <summary>
/// A network namespace without a name: it lives as long as this object, the sockets made in it and the programs run in it, and
/// leaves nothing to clean up when a test is killed. No link leads out of it unless one is made.
/// </summary>
public sealed partial class NetNamespace : IDisposable
{
    private const int CloneNewNet = 0x40000000;
    private const int CloseOnExec = 0x80000;

    private readonly SafeFileHandle _handle;

    private NetNamespace(SafeFileHandle handle) => _handle = handle;

    /// <summary>A path other programs (ip, nsenter) know the namespace by, as long as this process lives.</summary>
    public string HandlePath => $"/proc/{Environment.ProcessId}/fd/{_handle.DangerousGetHandle()}";

    /// <summary>What the kernel calls the namespace, as in the links /proc/PID/ns/net.</summary>
    public string Id => new FileInfo(HandlePath).LinkTarget ?? throw new ObjectDisposedException(nameof(NetNamespace));

    public static NetNamespace Create()
    {
        var space = new NetNamespace(OnThreadOfItsOwn(() =>
        {
            if (Unshare(CloneNewNet) != 0) { throw Failed("make a network namespace"); }
            return new SafeFileHandle(Open("/proc/thread-self/ns/net", CloseOnExec), ownsHandle: true);
        }));
        if (space._handle.IsInvalid) { throw Failed("open a network namespace"); }

        return space;
    }

    /// <summary>Makes a UDP socket that belongs to this namespace for ever, and works from any thread.</summary>
    public Socket CreateUdpSocket(AddressFamily family = AddressFamily.InterNetwork) => CreateSocket(family, SocketType.Dgram, ProtocolType.Udp);

    /// <summary>Makes a socket of IPv4 or IPv6 that belongs to this namespace for ever, and works from any thread.</summary>
    public Socket CreateSocket(AddressFamily family, SocketType type, ProtocolType protocol)
    {
        // The types and protocols have Linux's numbers, the families have not.
        var descriptor = Visit(() =>
        {
            var made = MakeSocket(family is AddressFamily.InterNetwork ? 2 : 10, (int)type | CloseOnExec, (int)protocol);
            return made >= 0 ? made : throw Failed("make a socket");
        });
        return new(new SafeSocketHandle(descriptor, ownsHandle: true));
    }

    /// <summary>Starts a program inside.</summary>
    public LabProcess Start(string program, params IEnumerable<string> arguments) => LabProcess.Start(this, program, arguments);

    /// <summary>Runs a program inside to its end and returns what it printed; throws when it fails.</summary>
    public string Run(string program, params IEnumerable<string> arguments) => RunWithInput("", program, arguments);

    /// <summary>Runs commands of the `ip` program, one a line.</summary>
    public void Ip(string commands) => RunWithInput(commands, "ip", ["-batch", "-"]);

    public void Dispose() => _handle.Dispose();

    /// <summary>
    /// Calls <paramref name="visit"/> on a thread inside. Nothing but system calls may happen there: whatever thread the runtime starts
    /// from inside (pool, timer, sockets) would stay inside.
    /// </summary>
    internal T Visit<T>(Func<T> visit) =>
        OnThreadOfItsOwn(() => Enter(_handle, CloneNewNet) == 0 ? visit() : throw Failed("enter a network namespace"));

    internal static InvalidOperationException Failed(string what) =>
        new($"could not {what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    internal string RunWithInput(string input, string program, IEnumerable<string> arguments)
    {
        using var process = Start(program, arguments);
        process.Input.Write(input);
        process.Input.Close();
        if (process.WaitForExit(TimeSpan.FromSeconds(30)) != 0)
        {
            throw new InvalidOperationException($"{program} failed: {process.Output}");
        }

        return process.Output;
    }

    // Each visit has a thread that ends, so that none of ours stays in a namespace.
    private static T OnThreadOfItsOwn<T>(Func<T> visit)
    {
        T result = default!;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try { result = visit(); }
            catch (InvalidOperationException exception) { failure = exception; }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result : throw new InvalidOperationException(failure.Message, failure);
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int Enter(SafeFileHandle space, int kind);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int MakeSocket(int family, int type, int protocol);
}
