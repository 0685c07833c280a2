using System.Runtime.InteropServices;
using System.Text;

namespace Coco.Lab.Kernel;

/// <summary>What a namespace's kernel is told by other ways than ip and nft: sysctls, and that it forgets its flows.</summary>
internal static partial class KernelSettings
{
    private const int WriteOnly = 1;
    private const int NoSuchFile = 2;
    private const int NetlinkFamily = 16;
    private const int NetlinkNetfilter = 12;

    /// <summary>
    /// Sets sysctls, all in one visit. Those of modules that are not there (br_netfilter, conntrack) have nothing to say and are passed over.
    /// </summary>
    public static void Write(NetNamespace space, IEnumerable<(string Name, int Value)> settings)
    {
        var files = settings.Select(setting =>
            (Path: $"/proc/sys/{setting.Name.Replace('.', '/')}", Value: Encoding.ASCII.GetBytes($"{setting.Value}\n"))).ToArray();
        space.Visit(() =>
        {
            // /proc/sys/net shows the namespace of the thread that opens it.
            foreach (var (path, value) in files) { WriteFile(path, value); }

            return files.Length;
        });
    }

    /// <summary>Forgets all flows of the namespace, and so all address translation in use: what `conntrack -F` does.</summary>
    public static void ForgetFlows(NetNamespace space)
    {
        // nlmsghdr: length, type = ctnetlink << 8 | delete, flags = request | acknowledge, sequence, port; nfgenmsg: nothing chosen, so all.
        byte[] request = [20, 0, 0, 0, 2, 1, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        var answer = new byte[256];
        var received = space.Visit(() =>
        {
            var socket = MakeSocket(NetlinkFamily, 3, NetlinkNetfilter);
            if (socket < 0) { throw NetNamespace.Failed("open netlink"); }

            var count = Send(socket, request, request.Length, 0) < 0 ? -1 : Receive(socket, answer, answer.Length, 0);
            var result = count >= 0 ? count : throw NetNamespace.Failed("ask netfilter");
            _ = Close(socket);
            return (int)result;
        });

        // The acknowledgement carries the error, 0 for none, right behind its header.
        if (received < 20 || BitConverter.ToInt32(answer, 16) != 0) { throw new InvalidOperationException("netfilter did not forget its flows"); }
    }

    private static void WriteFile(string path, byte[] value)
    {
        var file = Open(path, WriteOnly);
        if (file < 0 && Marshal.GetLastPInvokeError() == NoSuchFile) { return; }
        if (file < 0) { throw NetNamespace.Failed($"open {path}"); }

        var written = WriteBytes(file, value, value.Length);
        if (written != value.Length) { throw NetNamespace.Failed($"write {path}"); }
        _ = Close(file);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteBytes(int file, byte[] data, nint count);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int MakeSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int socket, byte[] data, nint count, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int socket, byte[] data, nint count, int flags);
}
