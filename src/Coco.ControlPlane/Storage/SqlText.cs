using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Coco.ControlPlane.Storage;

/// <summary>
/// A statement of SQL whose holes are parameters: <c>$"SELECT name FROM networks WHERE id = {id}"</c> sends <c>@p0</c> and the value. What is
/// interpolated never becomes text of the statement, so there is no way to write an injection by mistake.
/// </summary>
[InterpolatedStringHandler]
internal readonly struct SqlText
{
    private static readonly object Hole = new();

    // Literals, and a hole for each of the values.
    private readonly List<object> _pieces;
    private readonly List<object?> _values;

    public SqlText(int literalLength, int formattedCount)
    {
        _ = literalLength;
        (_pieces, _values) = (new((2 * formattedCount) + 1), new(formattedCount));
    }

    /// <summary>Nothing, to leave out a part.</summary>
    public static SqlText Empty => new(0, 0);

    public void AppendLiteral(string literal) => _pieces.Add(literal);

    /// <exception cref="TextException">It is a text that not every engine keeps.</exception>
    public void AppendFormatted(string? value) => Append(value is null || TextException.IsStorable(value) ? value : throw new TextException());

    public void AppendFormatted(byte[]? value) => Append(value);

    public void AppendFormatted(long value) => Append(value);

    public void AppendFormatted(long? value) => Append(value);

    public void AppendFormatted(bool value) => Append(value);

    /// <summary>A time, kept as milliseconds since 1970 UTC.</summary>
    public void AppendFormatted(DateTimeOffset value) => Append(value.ToUnixTimeMilliseconds());

    public void AppendFormatted(DateTimeOffset? value) => Append(value?.ToUnixTimeMilliseconds());

    /// <summary>A part of a statement, with its own parameters.</summary>
    public void AppendFormatted(SqlText part)
    {
        _pieces.AddRange(part._pieces);
        _values.AddRange(part._values);
    }

    /// <summary>Makes the command that runs this.</summary>
    public void ApplyTo(DbCommand command)
    {
        var text = new StringBuilder();
        foreach (var piece in _pieces)
        {
            if (piece is string literal)
            {
                text.Append(literal);
                continue;
            }
            var name = "@p" + command.Parameters.Count.ToString(CultureInfo.InvariantCulture);
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = _values[command.Parameters.Count] ?? DBNull.Value;
            command.Parameters.Add(parameter);
            text.Append(name);
        }
#pragma warning disable CA2100 // literals of the program's own; what was interpolated is a parameter
        command.CommandText = text.ToString();
#pragma warning restore CA2100
    }

    private void Append(object? value)
    {
        _pieces.Add(Hole);
        _values.Add(value);
    }
}
