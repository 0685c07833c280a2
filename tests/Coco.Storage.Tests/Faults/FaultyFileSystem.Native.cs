using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static Coco.Storage.Tests.Faults.FileSystemApi;

namespace Coco.Storage.Tests.Faults;

internal sealed unsafe partial class FaultyFileSystem
{
    private static readonly ConcurrentDictionary<nint, FaultyFileSystem> Registered = new();
    private static readonly ConcurrentDictionary<long, TrackedFile> Open = new();
    private static readonly Methods* Wrapped = MakeMethods();
    private static long _lastId;

    private readonly FileSystem* _inner = sqlite3_vfs_find(null);
    private readonly FileSystem* _self;

    public FaultyFileSystem()
    {
        Name = $"faulty-{Interlocked.Increment(ref _lastId)}";
        _self = (FileSystem*)NativeMemory.Alloc((nuint)sizeof(FileSystem));
        *_self = *_inner;
        var name = Encoding.UTF8.GetBytes(Name + "\0");
        _self->Name = (byte*)NativeMemory.Alloc((nuint)name.Length);
        name.CopyTo(new Span<byte>(_self->Name, name.Length));
        _self->FileSize = sizeof(OpenFile) + _inner->FileSize;
        _self->Open = &OnOpen;
        _self->Delete = &OnDelete;
        Registered[(nint)_self] = this;
        Assert.Equal(Ok, sqlite3_vfs_register(_self, 0));
    }

    public string Name { get; }

    public void Dispose()
    {
        Assert.Equal(Ok, sqlite3_vfs_unregister(_self));
        Registered.TryRemove((nint)_self, out _);
        NativeMemory.Free(_self->Name);
        NativeMemory.Free(_self);
    }

    private static Methods* MakeMethods()
    {
        var methods = (Methods*)NativeMemory.AllocZeroed((nuint)sizeof(Methods));
        methods->Version = 1;
        methods->Close = &OnClose;
        methods->Read = &OnRead;
        methods->Write = &OnWrite;
        methods->Truncate = &OnTruncate;
        methods->Sync = &OnSync;
        methods->FileSize = &OnFileSize;
        methods->Lock = &OnLock;
        methods->Unlock = &OnUnlock;
        methods->CheckLock = &OnCheckLock;
        methods->Control = &OnControl;
        methods->SectorSize = &OnSectorSize;
        methods->Characteristics = &OnCharacteristics;
        return methods;
    }

    private static OpenFile* Inner(OpenFile* file) => file + 1;

    private static TrackedFile Of(OpenFile* file) => Open[file->Id];

    private static byte[] ReadAll(OpenFile* file)
    {
        long size;
        Assert.Equal(Ok, file->Methods->FileSize(file, &size));
        var bytes = new byte[size];
        fixed (byte* start = bytes) { Assert.Equal(Ok, size == 0 ? Ok : file->Methods->Read(file, start, (int)size, 0)); }
        return bytes;
    }

    private static int WriteInner(OpenFile* file, ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* start = bytes) { return Inner(file)->Methods->Write(Inner(file), start, bytes.Length, offset); }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnOpen(FileSystem* vfs, byte* path, OpenFile* file, int flags, int* outFlags)
    {
        var self = Registered[(nint)vfs];
        file->Methods = null;
        if (self.HasCrashed) { return CannotOpen; }

        var result = self._inner->Open(self._inner, path, Inner(file), flags, outFlags);
        if (result != Ok) { return result; }

        file->Methods = Wrapped;
        file->Id = Interlocked.Increment(ref _lastId);
        Open[file->Id] = self.Track(Marshal.PtrToStringUTF8((nint)path)!, ReadAll(Inner(file)));
        return Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnDelete(FileSystem* vfs, byte* path, int syncFolder)
    {
        var self = Registered[(nint)vfs];
        return self.Delete(Marshal.PtrToStringUTF8((nint)path)!) ? self._inner->Delete(self._inner, path, 0) : DeleteFailed;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnClose(OpenFile* file)
    {
        Open.TryRemove(file->Id, out _);
        return Inner(file)->Methods->Close(Inner(file));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRead(OpenFile* file, byte* bytes, int count, long offset) =>
        Of(file).System.HasCrashed ? ReadFailed : Inner(file)->Methods->Read(Inner(file), bytes, count, offset);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnWrite(OpenFile* file, byte* bytes, int count, long offset)
    {
        var system = Of(file).System;
        if (system.IsFull) { return Full; }

        var kept = system.Write(Of(file), new(bytes, count), offset);
        var result = kept == 0 ? Ok : WriteInner(file, new(bytes, kept), offset);
        return kept == count ? result : WriteFailed;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnTruncate(OpenFile* file, long size) =>
        Of(file).System.Truncate(Of(file), size) ? Inner(file)->Methods->Truncate(Inner(file), size) : TruncateFailed;

    // Nothing is synced for real: power is cut in memory only.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnSync(OpenFile* file, int flags) => Of(file).System.Sync(Of(file)) ? Ok : SyncFailed;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnFileSize(OpenFile* file, long* size) => Inner(file)->Methods->FileSize(Inner(file), size);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnLock(OpenFile* file, int level) => Inner(file)->Methods->Lock(Inner(file), level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnUnlock(OpenFile* file, int level) => Inner(file)->Methods->Unlock(Inner(file), level);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnCheckLock(OpenFile* file, int* taken) => Inner(file)->Methods->CheckLock(Inner(file), taken);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnControl(OpenFile* file, int operation, void* argument) => Inner(file)->Methods->Control(Inner(file), operation, argument);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnSectorSize(OpenFile* file) => Inner(file)->Methods->SectorSize(Inner(file));

    // None: SQLite is to assume the worst of this file system, such as appends that grow the file before the bytes are there.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnCharacteristics(OpenFile* file) => 0;
}
