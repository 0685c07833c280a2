namespace Coco.Media;

/// <summary>Says where groups begin in what has none of its own.</summary>
internal sealed class GroupCutter(CutOptions options)
{
    private TimeSpan _begun = TimeSpan.MinValue;
    private long _bytes;

    /// <summary>Whether a group begins with the next so many bytes.</summary>
    public bool Begins(int bytes, TimeSpan now)
    {
        if (_begun > TimeSpan.MinValue && now - _begun < options.GroupTime && _bytes + bytes <= options.GroupBytes)
        {
            _bytes += bytes;
            return false;
        }
        (_begun, _bytes) = (now, bytes);
        return true;
    }
}
