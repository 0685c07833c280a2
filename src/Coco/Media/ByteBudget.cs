namespace Coco.Media;

/// <summary>Bytes that may wait in several places together. Thread-safe.</summary>
internal sealed class ByteBudget(long most)
{
    private long _taken;

    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= most) { return true; }
        Interlocked.Add(ref _taken, -bytes);
        return false;
    }

    public void Return(int bytes) => Interlocked.Add(ref _taken, -bytes);
}
