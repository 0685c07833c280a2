using System.Globalization;
using System.Reflection;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>
/// What an object holds: how many objects of each type can be reached from it, and how many elements their arrays have. Other tests of the
/// process do not disturb it, as they would a measurement of memory, and a leak has a name.
/// </summary>
internal sealed class ObjectCensus
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly Dictionary<string, (int Objects, long Elements)> _counts = [];
    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<object> _toVisit = new();

    private readonly Type _except;

    private ObjectCensus(Type except) => _except = except;

    public int Objects { get; private set; }

    /// <param name="except">What is of this type is not looked into.</param>
    /// <param name="roots">Where to begin.</param>
    public static ObjectCensus Of(Type except, params ReadOnlySpan<object> roots)
    {
        var census = new ObjectCensus(except);
        foreach (var root in roots) { census.Reach(root); }
        while (census._toVisit.TryPop(out var next)) { census.Visit(next); }
        census.Objects = census._seen.Count;
        census._seen.Clear(); // what was counted may be collected
        return census;
    }

    /// <summary>The types of which there are more than before, by more than some and by more than a tenth.</summary>
    public string GrowthSince(ObjectCensus before, int some) => string.Join("; ", _counts
        .Select(now => (now.Key, Now: now.Value, Before: before._counts.GetValueOrDefault(now.Key)))
        .Where(each => each.Now.Objects > each.Before.Objects + some + (each.Before.Objects / 10))
        .Select(static each => string.Create(CultureInfo.InvariantCulture, $"{each.Key}: {each.Before.Objects} to {each.Now.Objects}")));

    /// <summary>Elements of all arrays.</summary>
    public long Elements => _counts.Values.Sum(static each => each.Elements);

    /// <summary>The types of arrays that have more elements in all than before, by more than some; of bytes, more than so many.</summary>
    public string ArrayGrowthSince(ObjectCensus before, int some, int bytes) => string.Join("; ", _counts
        .Select(now => (now.Key, Now: now.Value.Elements, Before: before._counts.GetValueOrDefault(now.Key).Elements))
        .Where(each => each.Now > each.Before + (each.Key == typeof(byte[]).ToString() ? bytes : some))
        .Select(static each => string.Create(CultureInfo.InvariantCulture, $"{each.Key}: {each.Before} to {each.Now}")));

    private void Reach(object? value)
    {
        if (value is null or MemberInfo or Assembly or Thread or Pointer || value.GetType() == _except || !_seen.Add(value)) { return; }
        _toVisit.Push(value);
    }

    private void Visit(object value)
    {
        var type = value.GetType();
        var (objects, elements) = _counts.GetValueOrDefault(type.ToString());
        _counts[type.ToString()] = (objects + 1, elements + ((value as Array)?.LongLength ?? 0));
        if (value is Delegate called) { Reach(called.Target); }
        else if (value is not Array array) { VisitFields(value, type); }
        else if (HoldsReferences(type.GetElementType()!))
        {
            foreach (var element in array) { VisitValue(element, type.GetElementType()!); }
        }
    }

    private void VisitFields(object value, Type type)
    {
        for (var level = type; level is not null && level != typeof(object); level = level.BaseType)
        {
            foreach (var field in level.GetFields(Fields))
            {
                if (HoldsReferences(field.FieldType)) { VisitValue(field.GetValue(value), field.FieldType); }
            }
        }
    }

    private void VisitValue(object? value, Type declared)
    {
        if (value is null) { return; }
        if (declared.IsValueType) { VisitFields(value, value.GetType()); }
        else { Reach(value); }
    }

    private static bool HoldsReferences(Type type) =>
        !type.IsPrimitive && !type.IsEnum && !type.IsPointer && !type.IsByRefLike
        && (!type.IsValueType || Array.Exists(type.GetFields(Fields), static field => HoldsReferences(field.FieldType)));
}
